#pragma once

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <vector>

namespace groklab {

// What the chosen subcommand does; returns an ExitCode.
using Action = std::function<int()>;

// --plugin-path FOLDER, which may be given several times.
inline void add_plugin_path(CLI::App& command, std::vector<std::filesystem::path>& folders) {
  command
      .add_option("--plugin-path", folders,
                  "look for plugins in this folder first; may be given several times")
      ->allow_extra_args(false);
}

// Each adds one subcommand to the program; when it is chosen it sets `action`.
void add_run_command(CLI::App& program, Action& action);
void add_work_command(CLI::App& program, Action& action);
void add_status_command(CLI::App& program, Action& action);
void add_report_command(CLI::App& program, Action& action);
void add_export_command(CLI::App& program, Action& action);
void add_plan_command(CLI::App& program, Action& action);
void add_validate_command(CLI::App& program, Action& action);
void add_plugins_command(CLI::App& program, Action& action);
void add_table_command(CLI::App& program, Action& action);
void add_schema_command(CLI::App& program, Action& action);
void add_trace_command(CLI::App& program, Action& action);
void add_bench_command(CLI::App& program, Action& action);
void add_slurm_command(CLI::App& program, Action& action);
void add_new_plugin_command(CLI::App& plugins, Action& action);  // below `plugins`

}  // namespace groklab
