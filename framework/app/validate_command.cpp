// groklab validate SPEC…
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/load_experiment.h"
#include "train/trainer.h"

#include <fmt/format.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  std::vector<fs::path> specs;
  std::vector<fs::path> plugin_path;
};

// All that a run checks before it trains.
std::string check(const fs::path& spec, const ValidateOptions& options) {
  const auto loaded = load_experiment(spec, {}, options.plugin_path);
  const auto& experiment = loaded.experiment;
  const Trainer trainer(loaded.catalog, {experiment}, choose_device(experiment));
  std::string text = fmt::format("{}: valid (experiment {}, {} parameters)\n", spec.string(),
                                 experiment.name(), trainer.components().layout->count());
  for (const auto& note : experiment.notes) text += fmt::format("  note: {}\n", note);
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
  add_plugin_path(*command, options->plugin_path);
  command->callback([&action, options] { action = [options] { return validate(*options); }; });
}

}  // namespace groklab
