// groklab export DIR --format csv|jsonl|sqlite
#include "app/commands.h"
#include "app/units.h"
#include "base/exit_codes.h"
#include "base/paths.h"
#include "base/unfinished_file.h"
#include "store/results.h"

#include <fmt/format.h>

#include <map>
#include <memory>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShown = 10;

struct ExportOptions {
  fs::path folder, out;
  std::string format = "csv";
  bool is_reproducible = false;
};

using MakeWriter = std::unique_ptr<TableWriter> (*)(const fs::path&);

const std::map<std::string, MakeWriter>& writers() {
  static const std::map<std::string, MakeWriter> all{
      {"csv", make_csv_writer}, {"jsonl", make_jsonl_writer}, {"sqlite", make_sqlite_writer}};
  return all;
}

int run(const ExportOptions& options) {
  const auto runs = read_run_set(options.folder);
  const auto out = options.out.empty() ? options.folder / "export" : options.out;
  const FolderLock lock(make_folder(out));  // tables of two exports must not be mixed
  remove_leftovers(out,
                   {"cells.csv", "metrics.csv", "cells.jsonl", "metrics.jsonl", "results.sqlite"});
  const auto writer = writers().at(options.format)(out);
  const auto [cells, rows, damages, files] = write_results(runs, options.is_reproducible, *writer);
  for (std::size_t i = 0; i < damages.size() && i < kShown; ++i) {
    fmt::print(stderr, "damaged: {}\n", damages[i]);
  }
  if (damages.size() > kShown) {
    fmt::print(stderr, "damaged: {} runs more\n", damages.size() - kShown);
  }
  fmt::print("{}, {} of metrics\n", counted(cells, "cell"), counted(rows, "row"));
  for (const auto& file : files) fmt::print("  {}\n", file.string());
  return kDone;
}

}  // namespace

void add_export_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "export", "write the results of a sweep or a run as tables: cells and metrics");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("DIR", options->folder, "the folder that groklab run wrote, its --out")
      ->required();
  command->add_option("--format", options->format, "csv, jsonl, or sqlite")
      ->check(CLI::IsMember({"csv", "jsonl", "sqlite"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "folder for the files, by default DIR/export");
  command->add_flag("--reproducible", options->is_reproducible,
                    "leave out the columns that differ when the same runs are made again: times, "
                    "devices, interruptions");
  command->footer(
      "The exit code is 0 whatever became of the runs; what is damaged is named on standard error. "
      "docs/reading_results.md has the columns.");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace groklab
