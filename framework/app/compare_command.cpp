// groklab compare DIR DIR… [--by KEY]
#include "app/commands.h"
#include "app/compare_report.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "base/paths.h"
#include "report/comparison_page.h"
#include "report/gnuplot.h"

#include <fmt/format.h>

#include <memory>

namespace groklab {
namespace {

struct CompareOptions {
  std::vector<std::filesystem::path> folders;
  ComparisonRequest request;
  std::string format = "text";
  std::filesystem::path out;
};

// The same to look at: a figure and a page.
void write_pages(const std::vector<Study>& studies, const Comparison& comparison,
                 const std::filesystem::path& out) {
  const auto page = comparison_page(studies, comparison);
  write_atomically(make_folder(out) / "compare.html", to_html(page));
  fmt::print(stderr, "  {}\n", (out / "compare.html").string());
  const auto& figure = page.figures.front().figure;
  for (const auto& file : write_with_gnuplot(figure, out / "figures", {"svg", "png"})) {
    fmt::print(stderr, "  {}\n", file.string());
  }
}

int run(const CompareOptions& options) {
  std::vector<Study> studies;
  for (const auto& folder : options.folders) studies.push_back(read_study(folder));
  const auto comparison = compare(studies, options.request);
  if (options.format == "text") fmt::print("{}", comparison_text(comparison));
  if (options.format == "csv") fmt::print("{}", comparison_csv(comparison));
  if (options.format == "json") {
    const auto json = comparison_json(comparison);
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  if (!options.out.empty()) write_pages(studies, comparison, options.out);
  return kDone;
}

std::vector<std::string> statistic_names() {
  std::vector<std::string> names;
  for (const auto& statistic : compared_statistics()) names.push_back(statistic.name);
  return names;
}

}  // namespace

void add_compare_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "compare", "what became of the same runs in two or more folders, pair by pair");
  const auto options = std::make_shared<CompareOptions>();
  command
      ->add_option("DIR", options->folders,
                   "folders of sweeps or runs; the first is the base of the comparison")
      ->required();
  command
      ->add_option("--statistic", options->request.statistics,
                   "only this one; may be given several times")
      ->check(CLI::IsMember(statistic_names()))
      ->allow_extra_args(false);
  command->add_option("--by", options->request.by,
                      "a row for each value of these swept keys between commas, such as "
                      "data.train_fraction; by default of all that differ, seeds aside");
  command->add_option("--format", options->format, "text, json, or csv: the statistics alone")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
  command->add_option("--out", options->out,
                      "also write a figure and a page, compare.html, into this folder");
  command->footer(
      "Runs are the same if they have the same values of all keys that either folder sweeps, seeds "
      "included; docs/reading_results.md has the statistics.");
  command->callback([&action, options] {
    if (options->folders.size() < 2) {
      throw CLI::ValidationError("DIR", "give two folders or more");
    }
    action = [options] { return run(*options); };
  });
}

}  // namespace groklab
