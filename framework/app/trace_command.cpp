// groklab trace SPEC [key=value…] --steps N --out FILE: what training computes, number by number,
// for comparison with other programs.
#include "app/commands.h"
#include "app/load_experiment.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "train/backends.h"
#include "train/tensor_bytes.h"
#include "train/trainer.h"

#include <fmt/format.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct TraceOptions {
  fs::path spec, out;
  std::vector<std::string> overrides;
  std::vector<fs::path> plugin_path;
  std::int64_t steps = 1;
};

void add_step(TensorFile& file, const std::string& prefix, const StepRecord& record,
              const Trainer& trainer) {
  const auto& batch = record.batch;
  for (const auto& [name, tensor] :
       {std::pair{"x", &batch.x}, std::pair{"y", &batch.y}, std::pair{"target", &batch.z},
        std::pair{"row_weights", &batch.row_weights}, std::pair{"logits", &record.logits},
        std::pair{"loss", &record.loss}}) {
    file.tensors.push_back(to_stored(prefix + name, *tensor));
  }
  add_weights(file, prefix + "gradients.", Weights(trainer.components().layout, record.gradients));
  add_weights(file, prefix + "parameters.", trainer.weights());
}

int trace(const TraceOptions& options) {
  const auto loaded = load_experiment(options.spec, options.overrides, options.plugin_path);
  const auto& experiment = loaded.experiment;
  Trainer trainer(loaded.catalog, {experiment}, choose_backend(loaded.catalog, experiment));
  TensorFile file;
  for (const auto& setting : experiment.flatten()) {
    file.metadata[setting.key] = to_text(setting.value);
  }
  add_weights(file, "initial.", trainer.weights());
  for (std::int64_t step = 1; step <= options.steps; ++step) {
    add_step(file, fmt::format("step.{}.", step), trainer.record_step(), trainer);
  }
  write_atomically(options.out, to_safetensors(file));
  return kDone;
}

}  // namespace

void add_trace_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "trace", "write the tensors of the first steps to a .safetensors file");
  const auto options = std::make_shared<TraceOptions>();
  command->add_option("SPEC", options->spec, "the experiment's YAML file")->required();
  command->add_option("OVERRIDES", options->overrides,
                      "key=value, such as optimizer.learning_rate=3e-4");
  command->add_option("--steps", options->steps, "how many")->check(CLI::Range(1, 1000));
  command->add_option("--out", options->out, "the file")->required();
  add_plugin_path(*command, options->plugin_path);
  command->footer(
      "Tensors: initial.<parameter>, and for each step n from 1: step.<n>.{x,y,target,row_weights,"
      "logits,loss}, step.<n>.gradients.<parameter>, step.<n>.parameters.<parameter> (after the "
      "update). The first dimension is the replica.");
  command->callback([&action, options] { action = [options] { return trace(*options); }; });
}

}  // namespace groklab
