// groklab schema [--out FILE]: the JSON schema of a spec, for editors.
#include "app/commands.h"
#include "app/plugin_summary.h"
#include "app/report_facts.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "host/catalog.h"
#include "spec/json_schema.h"

#include <fmt/format.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct SchemaOptions {
  std::vector<fs::path> plugin_path;
  fs::path out;
};

int schema(const SchemaOptions& options) {
  const Catalog catalog(search_path(options.plugin_path, {}));
  std::vector<PluginFacts> plugins;
  std::string problems;
  for (const auto& [path, library, problem] : catalog.list()) {
    try {
      if (!problem.empty()) throw Error(problem);
      const auto& descriptor = *library->descriptor;
      plugins.push_back(
          {descriptor.kind, descriptor.name, summary_of(*library), schema_of(*library)});
    } catch (const Error& error) {
      problems += fmt::format("{}\n", error.what());
    }
  }
  const auto text = json_schema(plugins, figure_facts(), statistic_facts());
  if (options.out.empty()) {
    fmt::print("{}", text);
  } else {
    write_atomically(options.out, text);
  }
  if (problems.empty()) return kDone;
  fmt::print(stderr, "not usable, and not in the schema:\n{}", problems);
  return kUserMistake;
}

}  // namespace

void add_schema_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "schema", "the JSON schema of a spec, by which editors complete, explain and check");
  const auto options = std::make_shared<SchemaOptions>();
  command->add_option("--out", options->out, "write it to this file");
  add_plugin_path(*command, options->plugin_path);
  command->callback([&action, options] { action = [options] { return schema(*options); }; });
}

}  // namespace groklab
