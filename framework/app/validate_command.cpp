// groklab validate SPEC…
#include "app/commands.h"
#include "app/load_experiment.h"
#include "app/units.h"
#include "base/exit_codes.h"
#include "base/text.h"
#include "train/backends.h"
#include "train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  std::vector<fs::path> specs;
  std::vector<fs::path> plugin_path;
  bool no_plugins = false;
};

// Everything in which cells differ but the seeds, on which no check depends.
std::string all_but_seeds(const Experiment& experiment) {
  std::string text;
  for (const auto& setting : experiment.flatten()) {
    if (setting.key.starts_with("seed.")) continue;
    text += fmt::format("{}={}\n", setting.key, to_text(setting.value));
  }
  return text;
}

// What a run checks before it draws weights. A Trainer checks all, but takes longer than a sweep of
// thousands of cells can wait for.
void check_parts(const Catalog& catalog, const Experiment& experiment) {
  choose_backend(catalog, experiment);
  assemble(catalog, {experiment});
}

void add_new(std::vector<std::string>& lines, const std::string& line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
}

std::string check_without_plugins(const fs::path& spec) {
  const auto sweep = load_sweep_without_plugins(spec, {});
  return fmt::format(
      "{}: ok, {}, as far as no plugin is asked: names and parameters of plugins "
      "are not checked\n",
      spec.string(), counted(sweep.cells.size(), "cell"));
}

std::string check(const fs::path& spec, const ValidateOptions& options) {
  if (options.no_plugins) return check_without_plugins(spec);
  const auto [catalog, sweep] = load_sweep(spec, {}, options.plugin_path);
  std::set<std::string> checked;
  std::vector<std::string> notes, mistakes;
  for (const auto& [experiment, coordinates] : sweep.cells) {
    if (!checked.insert(all_but_seeds(experiment)).second) continue;
    for (const auto& note : experiment.notes) add_new(notes, note);
    try {
      check_parts(catalog, experiment);
    } catch (const Error& error) {
      add_new(mistakes, error.what());
    }
  }
  if (!mistakes.empty()) throw Error(join(mistakes, "\n"));
  const auto& first = sweep.cells.front().experiment;
  const Trainer trainer(catalog, {first}, choose_backend(catalog, first));
  auto text = fmt::format("{}: ok, {}\n", spec.string(), counted(sweep.cells.size(), "cell"));
  for (const auto& note : notes) text += fmt::format("  note: {}\n", note);
  return text;
}

int validate(const ValidateOptions& options) {
  int code = kDone;
  for (const auto& spec : options.specs) {
    try {
      fmt::print("{}", check(spec, options));
    } catch (const Error& error) {
      fmt::print(stderr, "{}\n", error.what());
      code = kUserMistake;
    } catch (const fs::filesystem_error& error) {
      fmt::print(stderr, "{}: {}\n", spec.string(), error.what());
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
  command->add_option("SPEC", options->specs, "YAML files")->required();
  command->add_flag("--no-plugins", options->no_plugins,
                    "load no plugin, and check all but their names and parameters");
  add_plugin_path(*command, options->plugin_path);
  command->callback([&action, options] { action = [options] { return validate(*options); }; });
}

}  // namespace groklab
