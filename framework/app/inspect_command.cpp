// groklab inspect CHECKPOINT [--element X --element Y]
#include "app/commands.h"
#include "app/inspect_report.h"
#include "app/prediction_report.h"
#include "base/exit_codes.h"

#include <fmt/format.h>

#include <memory>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct InspectOptions {
  fs::path checkpoint;
  std::string format = "text";
  std::vector<std::string> elements;  // none, or both operands
  std::size_t top = 5;
  std::vector<fs::path> plugin_path;
};

int run(const InspectOptions& options) {
  const auto checkpoint = find_checkpoint(options.checkpoint);
  auto warnings = checkpoint.warnings;
  std::optional<RestoredNetwork> network;
  std::optional<Prediction> prediction;
  if (!options.elements.empty()) {
    const auto loaded = load_experiment_of(checkpoint, options.plugin_path, warnings);
    network.emplace(loaded.catalog, loaded.experiment, checkpoint.content);
    prediction = network->predict(network->element(options.elements[0]),
                                  network->element(options.elements[1]));
  }
  for (const auto& warning : warnings) fmt::print(stderr, "{}\n", warning);
  const auto groups = grouped_tensors(checkpoint.content);
  if (options.format == "text") {
    fmt::print("{}", checkpoint_text(checkpoint, groups));
    if (prediction) fmt::print("{}", prediction_text(*network, *prediction, options.top));
    return kDone;
  }
  auto json = checkpoint_json(checkpoint, groups);
  json["prediction"] = nullptr;
  if (prediction) json["prediction"] = prediction_json(*network, *prediction, options.top);
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kDone;
}

}  // namespace

void add_inspect_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "inspect", "what a checkpoint holds, and what its network answers to a pair");
  const auto options = std::make_shared<InspectOptions>();
  command
      ->add_option("CHECKPOINT", options->checkpoint,
                   "a checkpoint.safetensors, or the folder of a run: its newest whole one")
      ->required();
  auto* elements = command->add_option(
      "--element", options->elements,
      "an operand by its name (groklab table --names) or number; given twice, for x and y, it "
      "shows what the network answers to x ∘ y");
  elements->allow_extra_args(false);
  command->add_option("--top", options->top, "so many candidates of the answer")
      ->check(CLI::Range(1, 1 << 13))
      ->needs(elements)
      ->capture_default_str();
  command->add_option("--format", options->format, "text, or json for scripts")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_plugin_path(*command, options->plugin_path);
  command->footer(
      "zeros is the share of numbers that are exactly 0, padding of flat buffers included. An "
      "answer needs the run's spec.yaml beside the checkpoint; docs/reading_results.md says more.");
  command->callback([&action, options] {
    if (!options->elements.empty() && options->elements.size() != 2) {
      throw CLI::ValidationError("--element", "give it twice, for the left and the right operand");
    }
    action = [options] { return run(*options); };
  });
}

}  // namespace groklab
