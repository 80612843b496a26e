// groklab report DIR [--figure "KIND key=value…"] [--watch]
#include "app/changed_since.h"
#include "app/commands.h"
#include "app/figure_arguments.h"
#include "app/report_server.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "base/paths.h"
#include "report/gnuplot.h"
#include "report/report.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <memory>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct ReportOptions {
  fs::path folder, out;
  std::vector<std::string> figures, formats{"svg", "png"};
  bool watch = false, is_page_only = false;
  std::uint16_t port = 0;
};

// Writes the pictures of a figure; false, with a word why, if there are none.
bool write_pictures(const PageFigure& drawn, const ReportOptions& options) {
  try {
    if (!drawn.problem.empty()) throw Error(drawn.problem);
    for (const auto& file :
         write_with_gnuplot(drawn.figure, options.out / "figures", options.formats)) {
      fmt::print("  {}\n", file.string());
    }
    return true;
  } catch (const Error& error) {
    fmt::print(stderr, "no {}: {}\n", drawn.figure.name, error.what());
    return false;
  }
}

// The pictures that were asked for, and nothing else.
int write_figures(const Study& study, const ReportOptions& options) {
  bool are_all = true;
  for (const auto& drawn : draw_figures(study, requested_figures(options.figures))) {
    are_all &= write_pictures(drawn, options);
  }
  return are_all ? kDone : kUserMistake;
}

void write_verdicts(const std::vector<Finding>& findings, const fs::path& folder) {
  if (findings.empty()) {
    remove_file(folder / "verdicts.csv");  // of claims that are no longer made
    return;
  }
  for (const auto& finding : findings) {
    fmt::print("{:<10} {}\n", to_text(finding.verdict), finding.claim);
    for (const auto& text : {finding.statistic, finding.numbers(), finding.reason}) {
      if (!text.empty() && text != finding.claim) fmt::print("{:<10} {}\n", "", text);
    }
  }
  const auto writer = make_csv_writer(folder);
  write_findings(*writer, findings);
  for (const auto& file : writer->finish()) fmt::print("  {}\n", file.string());
}

int write_report(const Study& study, const ReportOptions& options) {
  auto figures = draw_figures(study, figures_of(study));
  if (!options.is_page_only) {
    for (const auto& drawn : figures) write_pictures(drawn, options);
  }
  const auto changed = changed_since(builds_of(study));
  for (const auto& line : changed) {
    fmt::print(stderr, "note: changed since runs were trained: {}\n", line);
  }
  const auto page = make_page(study, std::move(figures), changed);
  const auto file = options.out / "report.html";
  write_atomically(file, to_html(page));
  write_verdicts(page.findings, options.out);
  fmt::print("  {}\n{}\n", file.string(), page.verdict);
  return kDone;
}

int report(ReportOptions options) {
  if (options.watch) return serve_report(options.folder, options.port);
  if (options.out.empty()) options.out = options.folder;
  const auto study = read_study(options.folder);
  make_folder(options.out);
  return options.figures.empty() ? write_report(study, options) : write_figures(study, options);
}

std::string kinds_text() {
  std::string text = "Figures (docs/figures.md has their options):\n";
  for (const auto& kind : figure_kinds()) {
    text += fmt::format("  {:<22} {}\n", kind.name, kind.summary);
  }
  return text;
}

}  // namespace

void add_report_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "report", "draw the figures of a sweep or a run, and a page to explore it");
  const auto options = std::make_shared<ReportOptions>();
  command->add_option("DIR", options->folder, "the folder that groklab run wrote, its --out")
      ->required();
  auto* figure = command
                     ->add_option("--figure", options->figures,
                                  "draw this figure alone, such as curve or \"time_by_fraction "
                                  "criterion=sustained\"; may be given several times")
                     ->allow_extra_args(false);
  auto* format = command
                     ->add_option("--format", options->formats,
                                  "of pictures: svg, png, pdf, or several of them")
                     ->delimiter(',')
                     ->check(CLI::IsMember({"svg", "png", "pdf"}))
                     ->capture_default_str();
  auto* out = command->add_option("--out", options->out,
                                  "folder for figures/ and report.html, by default DIR");
  auto* page_only =
      command->add_flag("--page-only", options->is_page_only, "write report.html and no pictures");
  auto* watch = command->add_flag(
      "--watch", options->watch,
      "serve the page to browsers on this machine, with news as they come, until Ctrl-C");
  for (auto* other : {figure, format, out, page_only}) watch->excludes(other);
  figure->excludes(page_only);
  command->add_option("--port", options->port, "of --watch; 0: a free one")->needs(watch);
  command->footer(kinds_text);  // called where help is asked for
  command->callback([&action, options] { action = [options] { return report(*options); }; });
}

}  // namespace groklab
