#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace groklab {

// What the chosen subcommand does; returns an ExitCode.
using Action = std::function<int()>;

// Each adds one subcommand to the program; when it is chosen it sets `action`.
void add_run_command(CLI::App& program, Action& action);
void add_validate_command(CLI::App& program, Action& action);
void add_plugins_command(CLI::App& program, Action& action);
void add_trace_command(CLI::App& program, Action& action);

}  // namespace groklab
