#include "app/sweep_options.h"

#include "app/commands.h"

namespace groklab {

void add_sweep_options(CLI::App& command, SweepOptions& options) {
  command.add_option("SPEC", options.spec, "the experiment's YAML file")->required();
  command.add_option("OVERRIDES", options.overrides,
                     "key=value, such as optimizer.learning_rate=3e-4 or seed=0,1,2");
  add_device_option(command, options.overrides);
  add_plugin_path(command, options.plugin_path);
  add_pack_option(command, options.pack);
}

void add_device_option(CLI::App& command, std::vector<std::string>& overrides) {
  command.add_option_function<std::string>(
      "--device",
      [&overrides](const std::string& device) { overrides.push_back("device=" + device); },
      "short for device=…: auto, cpu, cpu-replay or a backend, such as cuda");
}

void add_pack_option(CLI::App& command, std::size_t& pack) {
  command.add_option("--pack", pack, "runs of a sweep that are trained together, at most")
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
  return load_sweep(options.spec, options.overrides, options.plugin_path);
}

}  // namespace groklab
