#include "app/commands.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "base/version.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <groklab/parallel.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

namespace {

// What is wrong with the words that CLI11 did not expect: its own message names no way out.
[[noreturn]] void refuse_extras(const CLI::App& program) {
  const auto* command = &program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  std::vector<std::string> lines, options;
  for (const auto* option : command->get_options()) {
    for (const auto& name : option->get_lnames()) options.push_back("--" + name);
  }
  for (const auto& word : program.remaining(/*recurse=*/true)) {
    const auto name = word.substr(0, word.find('='));
    const bool is_setting = name != word && groklab::nearest(name, options).empty();
    const auto advice = is_setting ? fmt::format("; an override is written without dashes: {}",
                                                 word.substr(word.find_first_not_of('-')))
                                   : groklab::suggestion(name, options);
    lines.push_back(
        word.starts_with('-')
            ? fmt::format("{}: there is no option {}{}", command->get_name(), name, advice)
            : fmt::format("{}: nothing is to be done with '{}'", command->get_name(), word));
  }
  throw groklab::Error(groklab::join(lines, "\n"));
}

// Throws Error if a word stands where the name of a command has to, and is none.
void require_known_command(const CLI::App& program, int argc, char** argv) {
  const auto* app = &program;
  for (int i = 1; i < argc; ++i) {
    const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
    const std::string word = argv[i];
    if (commands.empty() || word.starts_with('-')) return;
    std::vector<std::string> names;
    for (const auto* command : commands) names.push_back(command->get_name());
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) {
      const auto known = app == &program ? "groklab" : "groklab " + app->get_name();
      throw groklab::Error(fmt::format("there is no command '{} {}'{}", known, word,
                                       groklab::suggestion(word, names)));
    }
    app = commands[static_cast<std::size_t>(found - names.begin())];
  }
}

int run(int argc, char** argv) {
  CLI::App program("Experiments on grokking: training runs declared in YAML, built from plugins.",
                   "groklab");
  program.set_version_flag("--version", groklab::kVersion);
  program.require_subcommand(1);
  program.footer(
      "Exit codes: 0 done; 2 a mistake in spec, arguments or plugin; 3 runs failed or a "
      "file cannot be written; 75 interrupted, the same command resumes; 1 a bug in groklab.");
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
  require_known_command(program, argc, argv);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    refuse_extras(program);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? groklab::kDone : groklab::kUserMistake;
  }
  if (const auto problem = groklab::thread_setting_problem(); !problem.empty()) {
    spdlog::warn("{}", problem);
  }
  const int code = action();
  if (std::fflush(stdout) != 0) throw groklab::WriteError("standard output cannot be written");
  return code;
}

int fail(int code, const std::string& message) {
  std::fprintf(stderr, "%s\n", groklab::printable(message).c_str());
  return code;
}

}  // namespace

// Called by the launcher, framework/app/launcher.cpp.
extern "C" int groklab_main(int argc, char** argv) {
  groklab::start_logging();
  try {
    return run(argc, argv);
  } catch (const groklab::WriteError& error) {
    return fail(groklab::kRunFailed, error.what());
  } catch (const groklab::Error& error) {
    return fail(groklab::kUserMistake, error.what());
  } catch (const std::system_error& error) {  // no permission, disk full, name too long, …
    return fail(groklab::kUserMistake, error.what());
  } catch (const std::exception& error) {
    if (groklab::is_out_of_memory(error)) {
      return fail(groklab::kRunFailed, groklab::message_of(error));
    }
    return fail(groklab::kBug,
                "groklab has a bug, please report it: " + groklab::message_of(error));
  } catch (...) {
    return fail(groklab::kBug, "groklab has a bug, please report it: an unknown exception");
  }
}
