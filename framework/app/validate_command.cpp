// groklab validate SPEC… [key=value…]
#include "app/cell_checks.h"
#include "app/commands.h"
#include "app/load_experiment.h"
#include "app/sweep_options.h"
#include "app/units.h"
#include "base/exit_codes.h"
#include "base/paths.h"
#include "base/text.h"
#include "train/backends.h"
#include "train/trainer.h"

#include <fmt/format.h>

#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  std::vector<std::string> arguments, overrides;
  std::vector<fs::path> specs, plugin_path;
  std::size_t pack = 16;
  bool no_plugins = false;
};

// An argument with = is an override, unless a file has that name.
void sort_arguments(ValidateOptions& options) {
  auto overrides = std::exchange(options.overrides, {});  // of --device
  for (const auto& argument : options.arguments) {
    if (argument.find('=') == std::string::npos || exists_for_sure(argument)) {
      options.specs.emplace_back(argument);
    } else {
      options.overrides.push_back(argument);
    }
  }
  options.overrides.insert(options.overrides.end(), overrides.begin(), overrides.end());
  if (options.specs.empty()) throw Error("validate: name a spec, a YAML file, beside overrides");
}

std::string check_without_plugins(const fs::path& spec, const ValidateOptions& options) {
  const auto sweep = load_sweep_without_plugins(spec, options.overrides);
  return fmt::format(
      "{}: ok, {}, as far as no plugin is asked: names and parameters of plugins "
      "are not checked\n",
      spec.string(), counted(sweep.cells.size(), "cell"));
}

std::string check(const fs::path& spec, const ValidateOptions& options) {
  if (options.no_plugins) return check_without_plugins(spec, options);
  const auto loaded = load_sweep(spec, options.overrides, options.plugin_path);
  check_cells(loaded, options.pack);
  const auto& first = loaded.sweep.cells.front().experiment;
  const Trainer trainer(loaded.catalog, {first}, choose_backend(loaded.catalog, first));
  auto text =
      fmt::format("{}: ok, {}\n", spec.string(), counted(loaded.sweep.cells.size(), "cell"));
  for (const auto& note : notes_of(loaded.sweep)) text += fmt::format("  note: {}\n", note);
  return printable(text);
}

int validate(ValidateOptions options) {
  sort_arguments(options);
  int code = kDone;
  for (const auto& spec : options.specs) {
    try {
      fmt::print("{}", check(spec, options));
    } catch (const Error& error) {
      fmt::print(stderr, "{}\n", printable(error.what()));
      code = kUserMistake;
    }
  }
  return code;
}

}  // namespace

void add_validate_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "validate", "check specs: every mistake as file:line:column: path: message");
  const auto options = std::make_shared<ValidateOptions>();
  command
      ->add_option("SPEC", options->arguments,
                   "YAML files; also key=value, an override of every one of them")
      ->required();
  add_device_option(*command, options->overrides);
  command->add_flag("--no-plugins", options->no_plugins,
                    "load no plugin, and check all but their names and parameters");
  add_plugin_path(*command, options->plugin_path);
  add_pack_option(*command, options->pack);
  command->footer(
      "Refuses what `groklab run` with the same arguments refuses before it trains, also what does "
      "not fit into this machine's memory.");
  command->callback([&action, options] { action = [options] { return validate(*options); }; });
}

}  // namespace groklab
