#include "app/sweep_options.h"

#include "app/commands.h"

namespace groklab {

std::vector<std::string> SweepOptions::all_overrides() const {
  auto all = overrides;
  if (!device.empty()) all.push_back("device=" + device);
  return all;
}

void add_sweep_options(CLI::App& command, SweepOptions& options) {
  command.add_option("SPEC", options.spec, "the experiment's YAML file")->required();
  command.add_option("OVERRIDES", options.overrides,
                     "key=value, such as optimizer.learning_rate=3e-4 or seed=0,1,2");
  command.add_option("--device", options.device,
                     "short for device=…: auto, cpu, cpu-replay or a backend, such as cuda");
  add_plugin_path(command, options.plugin_path);
  command.add_option("--pack", options.pack, "runs of a sweep that are trained together, at most")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

void add_retry_option(CLI::App& command, bool& retry_failed) {
  command
      .add_option_function<std::string>(
          "--retry", [&retry_failed](const std::string&) { retry_failed = true; },
          "failed: go on with runs that failed, or start them again if their plugin was changed")
      ->check(CLI::IsMember({"failed"}));
}

LoadedSweep load_sweep(const SweepOptions& options) {
  return load_sweep(options.spec, options.all_overrides(), options.plugin_path);
}

}  // namespace groklab
