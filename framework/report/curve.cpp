#include "report/curve.h"

#include "base/files.h"
#include "base/process.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

// Colours that colour-blind readers tell apart (Okabe and Ito 2008).
constexpr const char* kTrainColour = "#D55E00";
constexpr const char* kValColour = "#0072B2";

// As gnuplot reads it between single quotes.
std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) {
    text.insert(at, "'");
  }
  return "'" + text + "'";
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "NaN"; }

std::string data_block(const std::vector<MetricsRow>& rows) {
  std::string block = "$run << EOD\n# step train_accuracy val_accuracy train_loss val_loss\n";
  for (const auto& row : rows) {
    if (row.step == 0) continue;  // has no logarithm
    block += fmt::format("{} {} {} {} {}\n", row.step, number(row.at("train_accuracy")),
                         number(row.at("val_accuracy")), number(row.at("train_loss")),
                         number(row.at("val_loss")));
  }
  return block + "EOD\n";
}

// A vertical line at `step` through both panels, and in the upper one its step beside it.
std::string marker(std::optional<std::int64_t> step, const char* colour, int tag) {
  if (!step) return "";
  return fmt::format(
      "set arrow {0} from {1}, graph 0 to {1}, graph 1 nohead dashtype 2 lc rgb '{2}'\n"
      "set label {0} '{1}' at {1}, graph {3} left offset 0.4,0 tc rgb '{2}'\n",
      tag, *step, colour, tag == 1 ? 0.08 : 0.16);
}

std::string panels(const Summary& summary, const std::string& title) {
  const auto style = [](const char* name, int column, const char* colour) {
    return fmt::format("$run using 1:{} with linespoints pt 7 ps 0.3 lw 1.5 lc rgb '{}' title '{}'",
                       column, colour, name);
  };
  std::string text = fmt::format("set multiplot layout 2,1 title {} noenhanced\n", quoted(title));
  text += marker(summary.steps_to_memorize, kTrainColour, 1);
  text += marker(summary.steps_to_generalize, kValColour, 2);
  text += "set ylabel 'accuracy'\nset yrange [-0.02:1.05]\nset key left top\nplot " +
          style("training accuracy", 2, kTrainColour) + ", " +
          style("validation accuracy", 3, kValColour) + "\n";
  text +=
      "unset label\nset xlabel 'step (parameter updates)'\n"
      "set ylabel 'loss (cross-entropy, nats)'\n"
      "set logscale y\nset format y '10^{%T}'\nset yrange [*:*]\nset key left bottom\nplot " +
      style("training loss", 4, kTrainColour) + ", " + style("validation loss", 5, kValColour) +
      "\n";
  return text + "unset multiplot\nunset output\nreset\n";
}

std::string script(const std::filesystem::path& folder, const std::string& title,
                   const std::vector<MetricsRow>& rows) {
  std::string text = data_block(rows);
  const auto drawing = panels(summarize(rows), title);
  for (const auto& [terminal, file] :
       {std::pair{"pngcairo size 1280,1120 fontscale 1.1", "curve.png"},
        std::pair{"svg size 1000,880 dynamic background 'white'", "curve.svg"}}) {
    text += fmt::format("set terminal {} font 'DejaVu Sans'\nset output {}\n", terminal,
                        quoted((folder / file).string()));
    text += "set logscale x\nset format x '10^{%T}'\nset grid lc rgb '#DDDDDD'\n";
    text += fmt::format("set xrange [{}:{}]\n",
                        std::max<std::int64_t>(1, rows.size() > 1 ? rows[1].step / 2 : 1),
                        rows.back().step);
    text += drawing;
  }
  return text;
}

}  // namespace

std::optional<std::string> draw_curve(const std::filesystem::path& folder, const std::string& title,
                                      const std::vector<MetricsRow>& rows) {
  const auto drawable = std::count_if(rows.begin(), rows.end(), [](const MetricsRow& row) {
    return row.step > 0 && std::isfinite(row.at("train_loss"));
  });
  if (drawable < 2) return "fewer than two evaluations to draw";
  const auto file = folder / "curve.gp";
  try {
    write_atomically(file, script(std::filesystem::absolute(folder), title, rows));
  } catch (const Error& error) {  // a folder of someone else
    return error.what();
  }
  const auto result = run_program({"gnuplot", file.string()});
  if (!result.started) return "gnuplot is not installed";
  if (!result.succeeded()) return "gnuplot failed: " + result.output;
  return std::nullopt;
}

}  // namespace groklab
