// groklab plugins list | describe NAME | check FILE | paths | new KIND NAME
#include "app/commands.h"
#include "app/plugin_summary.h"
#include "app/read_parameters.h"
#include "app/summary_table.h"
#include "base/exit_codes.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/text.h"
#include "check/check.h"
#include "host/catalog.h"
#include "spec/field_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct PluginsOptions {
  std::vector<fs::path> plugin_path;
  std::string name;
  fs::path file;
  std::vector<std::string> parameters;
};

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

// What is known of a plugin besides its parameters.
std::vector<std::pair<std::string, std::string>> facts_of(const Library& library) {
  const auto& descriptor = *library.descriptor;
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) facts.emplace_back(name, text);
  };
  const auto formula = formula_of(library);
  add("what", descriptor.summary);
  add("formula", formula.empty() ? descriptor.formula : formula);
  add("source", descriptor.source);
  add("library", library.path.string());
  add("sha256", library.hash);
  return facts;
}

void describe(const Library& library) {
  const auto& descriptor = *library.descriptor;
  fmt::print("{} {}\n{}\n", descriptor.kind, descriptor.name, two_columns(facts_of(library)));
  const auto schema = schema_of(library);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& field : schema.fields()) rows.emplace_back(field.name, describe(field));
  fmt::print("{}{}", rows.empty() ? "no parameters\n" : "parameters\n", two_columns(rows));
}

// Plugins of different kinds may share a name; all are described.
int describe(const PluginsOptions& options) {
  const Catalog catalog(search_path(options.plugin_path, {}));
  const auto listed = catalog.list(options.name);
  for (const auto& [path, library, problem] : listed) {
    if (!problem.empty()) throw Error(problem);
    describe(*library);
  }
  if (!listed.empty()) return kDone;
  throw Error(fmt::format("there is no plugin '{}'{}", options.name,
                          suggestion(options.name, catalog.file_names())));
}

int paths(const PluginsOptions& options) {
  for (const auto& folder : search_path(options.plugin_path, {})) {
    fmt::print("{}{}\n", folder.string(), is_folder(folder) ? "" : "  (does not exist)");
  }
  return kDone;
}

constexpr unsigned kMostSeconds = 300;  // of a check

// Every claim of the kind's contract, a line each; a line is begun before the claim is tried, so
// that a crash shows which one it was.
int check_here(const PluginsOptions& options) {
  ::alarm(kMostSeconds);
  const auto& library = load_library(options.file);
  const std::string kind = library.descriptor->kind, name = library.descriptor->name;
  const auto section = read_parameters(kind, name, options.parameters,
                                       [&](const auto&...) { return schema_of(library); });
  std::map<std::string, Value> given;
  for (const auto& setting : section.settings) given.emplace(setting.key, setting.value);
  fmt::print("{}: {} {}\n", library.path.string(), kind, name);
  int failed = 0;
  for (const auto& [claim, test] : checks_of(library, given)) {
    fmt::print("  {:<60} ", claim);
    std::fflush(stdout);
    try {
      test();
      fmt::print("ok\n");
    } catch (const NotTried& reason) {
      fmt::print("not tried: {}\n", reason.what());
    } catch (const std::exception& error) {
      fmt::print("FAILED\n    {}\n", message_of(error));
      ++failed;
    }
  }
  return failed == 0 ? kDone : kUserMistake;
}

// The claim that was being tried as the output ended.
std::string last_claim(const std::string& output) {
  const auto line = output.substr(output.rfind('\n') + 1);
  const auto first = line.find_first_not_of(' ');
  if (first == std::string::npos) return "while it was loaded";
  return "at: " + line.substr(first, line.find_last_not_of(' ') + 1 - first);
}

// In a process of its own, so that a library that crashes is a message.
int check(const PluginsOptions& options) {
  std::vector<std::string> command{read_link("/proc/self/exe").string(), "plugins",
                                   "check-in-this-process", options.file.string()};
  command.insert(command.end(), options.parameters.begin(), options.parameters.end());
  const auto result = run_program(command);
  fmt::print(result.succeeded() ? stdout : stderr, "{}", result.output);
  if (result.signal == SIGALRM) {
    throw Error(fmt::format("{}: took more than {} s {}", options.file.string(), kMostSeconds,
                            last_claim(result.output)));
  }
  if (result.signal != 0) {
    throw Error(fmt::format("{}: crashed ({}) {}", options.file.string(), strsignal(result.signal),
                            last_claim(result.output)));
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
  auto* check_command =
      add("check", "try all that its kind's contract claims on a library, in a process of its own",
          check);
  auto* paths_command = add("paths", "the folders searched, in order", paths);
  add_new_plugin_command(*command, action);
  for (auto* subcommand : {list_command, describe_command, paths_command}) {
    add_plugin_path(*subcommand, options->plugin_path);
  }
  describe_command->add_option("NAME", options->name, "as in a spec")->required();
  auto* child = add("check-in-this-process", "", check_here);
  child->group("");  // hidden
  for (auto* subcommand : {check_command, child}) {
    subcommand->add_option("FILE", options->file, "a shared library")->required();
    subcommand->add_option("PARAMETERS", options->parameters,
                           "parameter=value, for those that have no default");
  }
}

}  // namespace groklab
