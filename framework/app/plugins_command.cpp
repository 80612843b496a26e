// groklab plugins list | describe NAME | check FILE | paths | new KIND NAME
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/summary_table.h"
#include "base/process.h"
#include "base/text.h"
#include "host/catalog.h"

#include <fmt/format.h>
#include <groklab/operation.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct PluginsOptions {
  std::vector<fs::path> plugin_path;
  std::string name;
  fs::path file;
};

// The plugin's own line, or the formula of an operation that has none.
std::string summary_of(const Library& library) {
  const auto& descriptor = *library.descriptor;
  const bool is_operation = std::string(descriptor.kind) == Operation::kKind;
  if (*descriptor.summary != '\0' || !is_operation) return descriptor.summary;
  try {
    const auto plugin = create_plugin(library, Params::from_defaults(schema_of(library)));
    const auto* operation = dynamic_cast<const Operation*>(plugin.get());
    return operation == nullptr ? "" : operation->formula();
  } catch (const std::exception& error) {
    return message_of(error);
  } catch (...) {
    return "its formula fails";
  }
}

int list(const PluginsOptions& options) {
  const Catalog catalog(search_path(options.plugin_path, {}));
  std::string kind, problems;
  std::vector<std::pair<std::string, std::string>> rows;
  const auto print_rows = [&] {
    if (!rows.empty()) fmt::print("{}\n{}", kind_folder(kind), two_columns(rows));
    rows.clear();
  };
  for (const auto& [path, library, problem] : catalog.list()) {
    if (!problem.empty()) problems += problem + "\n";
    if (library == nullptr) continue;
    if (library->descriptor->kind != kind) print_rows();
    kind = library->descriptor->kind;
    rows.emplace_back(library->descriptor->name, summary_of(*library));
  }
  print_rows();
  if (problems.empty()) return kDone;
  fmt::print(stderr, "not usable:\n{}", problems);
  return kUserMistake;
}

std::string describe_field(const Field& field) {
  std::string text = field.type_name();
  const bool bounded = std::isfinite(field.range.low) || std::isfinite(field.range.high);
  if (bounded) text += " " + field.range.text();
  text += field.required ? ", required" : ", default " + to_text(field.default_value);
  if (field.per_replica) text += ", may differ within a pack";
  return text + ": " + field.help;
}

void describe(const Library& library) {
  const auto& descriptor = *library.descriptor;
  fmt::print("{} {}\n{}\n", descriptor.kind, descriptor.name,
             two_columns({{"what", summary_of(library)},
                          {"library", library.path.string()},
                          {"sha256", library.hash}}));
  const auto schema = schema_of(library);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& field : schema.fields()) rows.emplace_back(field.name, describe_field(field));
  fmt::print("{}{}", rows.empty() ? "no parameters\n" : "parameters\n", two_columns(rows));
}

// Plugins of different kinds may share a name; all are described.
int describe(const PluginsOptions& options) {
  const Catalog catalog(search_path(options.plugin_path, {}));
  std::vector<std::string> names;
  bool found = false;
  for (const auto& [path, library, problem] : catalog.list()) {
    if (library == nullptr) continue;
    names.emplace_back(library->descriptor->name);
    if (names.back() != options.name) continue;
    if (!problem.empty()) throw Error(problem);
    describe(*library);
    found = true;
  }
  if (found) return kDone;
  throw Error(
      fmt::format("there is no plugin '{}'{}", options.name, suggestion(options.name, names)));
}

int paths(const PluginsOptions& options) {
  for (const auto& folder : search_path(options.plugin_path, {})) {
    fmt::print("{}{}\n", folder.string(), fs::is_directory(folder) ? "" : "  (does not exist)");
  }
  return kDone;
}

// Loads the library and makes a plugin with default parameters, which runs its code.
int check_here(const fs::path& file) {
  const auto& library = load_library(file);
  const auto schema = schema_of(library);
  const auto& fields = schema.fields();
  const bool has_defaults =
      std::none_of(fields.begin(), fields.end(), [](const Field& field) { return field.required; });
  if (has_defaults) create_plugin(library, Params::from_defaults(schema));
  fmt::print("{}: {} {}, {} parameter(s), can be loaded\n", library.path.string(),
             library.descriptor->kind, library.descriptor->name, fields.size());
  return kDone;
}

// In a process of its own, so that a library that crashes is a message.
int check(const PluginsOptions& options) {
  const auto result = run_program({fs::read_symlink("/proc/self/exe").string(), "plugins",
                                   "check-in-this-process", options.file.string()});
  fmt::print(result.succeeded() ? stdout : stderr, "{}", result.output);
  if (result.signal != 0) {
    throw Error(fmt::format("{}: crashed while it was loaded or created ({})",
                            options.file.string(), strsignal(result.signal)));
  }
  return result.exit_code;
}

}  // namespace

void add_plugins_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("plugins", "what can be named in a spec");
  command->require_subcommand(1);
  const auto options = std::make_shared<PluginsOptions>();
  const auto add = [&](const char* name, const char* help, int (*run)(const PluginsOptions&)) {
    auto* subcommand = command->add_subcommand(name, help);
    subcommand->callback(
        [&action, options, run] { action = [options, run] { return run(*options); }; });
    return subcommand;
  };
  auto* list_command = add("list", "every plugin on the search path", list);
  auto* describe_command = add("describe", "one plugin and its parameters", describe);
  auto* check_command = add("check", "whether a library is a plugin that loads", check);
  auto* paths_command = add("paths", "the folders searched, in order", paths);
  add_new_plugin_command(*command, action);
  for (auto* subcommand : {list_command, describe_command, paths_command}) {
    add_plugin_path(*subcommand, options->plugin_path);
  }
  describe_command->add_option("NAME", options->name, "as in a spec")->required();
  check_command->add_option("FILE", options->file, "a shared library")->required();
  add("check-in-this-process", "", [](const PluginsOptions& o) { return check_here(o.file); })
      ->group("")  // hidden
      ->add_option("FILE", options->file)
      ->required();
}

}  // namespace groklab
