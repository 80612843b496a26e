#include "app/commands.h"
#include "base/exit_codes.h"
#include "base/log.h"
#include "base/text.h"
#include "base/version.h"

#include <groklab/error.h>
#include <groklab/parallel.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <exception>
#include <string>
#include <system_error>

namespace {

int run(int argc, char** argv) {
  CLI::App program("Experiments on grokking: training runs declared in YAML, built from plugins.",
                   "groklab");
  program.set_version_flag("--version", groklab::kVersion);
  program.require_subcommand(1);
  program.footer(
      "Exit codes: 0 done; 2 a mistake in spec, arguments or plugin; 3 runs failed or a "
      "folder cannot be written; 75 interrupted, the same command resumes; 1 a bug in groklab.");
  groklab::Action action;
  groklab::add_run_command(program, action);
  groklab::add_work_command(program, action);
  groklab::add_status_command(program, action);
  groklab::add_report_command(program, action);
  groklab::add_export_command(program, action);
  groklab::add_compare_command(program, action);
  groklab::add_inspect_command(program, action);
  groklab::add_plan_command(program, action);
  groklab::add_validate_command(program, action);
  groklab::add_plugins_command(program, action);
  groklab::add_table_command(program, action);
  groklab::add_schema_command(program, action);
  groklab::add_trace_command(program, action);
  groklab::add_bench_command(program, action);
  groklab::add_slurm_command(program, action);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? groklab::kDone : groklab::kUserMistake;
  }
  if (const auto problem = groklab::thread_setting_problem(); !problem.empty()) {
    spdlog::warn("{}", problem);
  }
  const int code = action();
  if (std::fflush(stdout) != 0) throw groklab::Error("standard output cannot be written");
  return code;
}

int fail(int code, const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  groklab::start_logging();
  try {
    return run(argc, argv);
  } catch (const groklab::Error& error) {
    return fail(groklab::kUserMistake, error.what());
  } catch (const std::system_error& error) {  // no permission, disk full, name too long, …
    return fail(groklab::kUserMistake, error.what());
  } catch (const std::exception& error) {
    return fail(groklab::kBug,
                "groklab has a bug, please report it: " + groklab::message_of(error));
  } catch (...) {
    return fail(groklab::kBug, "groklab has a bug, please report it: an unknown exception");
  }
}
