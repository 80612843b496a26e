#include "report/gnuplot.h"

#include "base/files.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/unfinished_file.h"
#include "report/gnuplot_layout.h"
#include "report/gnuplot_series.h"
#include "report/gnuplot_text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <list>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFont = "DejaVu Sans";
constexpr const char* kGrey = "#555555";  // of axes

// As gnuplot counts places in a picture: from the lower left corner, as shares of it.
struct Screen {
  double width, height;

  std::string x(double pixels) const { return fmt::format("screen {:.5f}", pixels / width); }
  std::string y(double pixels) const { return fmt::format("screen {:.5f}", 1 - pixels / height); }
};

std::string terminal(const std::string& format, const Layout& layout) {
  const double width = layout.width, height = layout.height;
  const auto font = fmt::format("font '{},{}'", kFont, kType.ticks);
  if (format == ".svg") {
    return fmt::format("svg enhanced size {:.0f},{:.0f} dynamic background 'white' {}", width,
                       height, font);
  }
  // Cairo counts type in points, of which three are four pixels.
  if (format == ".png") {  // two pixels for one
    return fmt::format(
        "pngcairo enhanced size {:.0f},{:.0f} background 'white' {} fontscale 1.5 linewidth 2 "
        "pointscale 2",
        2 * width, 2 * height, font);
  }
  if (format == ".pdf") {  // 96 pixels an inch
    return fmt::format(
        "pdfcairo enhanced size {:.4f}in,{:.4f}in background 'white' {} "
        "fontscale 0.5625 linewidth 1 pointscale 1",
        width / 96, height / 96, font);
  }
  throw Error(fmt::format("no picture '{}' can be drawn; known: svg, png, pdf", format));
}

// The script draws one picture and then loads itself for the next.
std::string choice_of_picture(const std::vector<fs::path>& pictures, const Layout& layout) {
  std::string text = "if (!exists('picture')) picture = 0\npicture = picture + 1\n";
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto condition = fmt::format("if (picture == {}) ", i + 1);
    const auto file = pictures[i].filename().string();
    const auto format = fs::path(finished_name(file).value_or(file)).extension();
    text += fmt::format("{0}set terminal {1}\n{0}set output {2}\n", condition,
                        terminal(format.string(), layout), literal(pictures[i].string()));
  }
  return text;
}

std::string texts_around(const Layout& layout, const Screen& screen) {
  std::string text;
  if (!layout.title.empty()) {
    text += fmt::format("set label {} at {}, {} left noenhanced font ',{}'\n",
                        literal_lines(layout.title), screen.x(12),
                        screen.y(12 + line_height(kType.title) / 2), kType.title);
  }
  if (!layout.caption.empty()) {
    text +=
        fmt::format("set label {} at {}, {} left noenhanced font ',{}' tc rgb '#333333'\n",
                    literal_lines(layout.caption), screen.x(12),
                    screen.y(layout.caption_top + line_height(kType.caption) / 2), kType.caption);
  }
  return text;
}

// Below an axis gnuplot leaves more than a line free, which the caption is to have.
std::string label_command(const std::string& name, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  return fmt::format("set {}label {} noenhanced font ',{}'{}\n", name, literal_lines(lines),
                     kType.label, name == "x" ? " offset 0,0.5" : "");
}

std::string axis_commands(const std::string& name, const Span& span, const Ticks& ticks,
                          const std::vector<std::string>& label) {
  auto text = fmt::format("set {}range [{:.10g}:{:.10g}]\n", name, span.from, span.to);
  if (span.is_log) text = fmt::format("set logscale {}\n", name) + text;
  return text + ticks.command + label_command(name, label);
}

std::string axes(const Panel& panel, const PanelLayout& layout) {
  std::string text = fmt::format(
      "set pointintervalbox 0\nset border {} lc rgb '{}'\nset tics nomirror out scale 0.6,0.35 "
      "font ',{}'\n",
      panel.is_square ? 15
      : panel.right   ? 11
                      : 3,
      kGrey, kType.ticks);
  text += axis_commands("x", layout.x, layout.x_ticks, layout.x_label);
  text += axis_commands("y", layout.y, layout.y_ticks, layout.y_label);
  if (panel.right) {
    text += axis_commands("y2", layout.right, layout.right_ticks, layout.right_label);
  }
  if (panel.is_square) return text + "unset xtics\nunset ytics\n";
  return text + "set grid xtics ytics back lt 1 lw 0.6 lc rgb '#DDDDDD'\n";
}

std::string place_of(const Box& plot, const Screen& screen) {
  const std::pair<const char*, std::string> margins[]{{"lmargin", screen.x(plot.left)},
                                                      {"rmargin", screen.x(plot.right())},
                                                      {"tmargin", screen.y(plot.top)},
                                                      {"bmargin", screen.y(plot.bottom())}};
  std::string text;
  for (const auto& [name, at] : margins) text += fmt::format("set {} at {}\n", name, at);
  return text;
}

std::string title_command(const PanelLayout& layout, const Screen& screen) {
  if (layout.title.empty()) return "";
  double bottom = layout.plot.top;  // of the lowest line, above the labels of rules
  for (const auto& label : layout.rule_labels) {
    bottom = std::min(bottom, label.y - line_height(kType.rule) / 2);
  }
  const auto lines = static_cast<double>(layout.title.size());
  return fmt::format(
      "set label {} at {}, {} center noenhanced font ',{}'\n", literal_lines(layout.title),
      screen.x(layout.plot.left + layout.plot.width / 2),
      screen.y(bottom - 4 - (lines - 0.5) * line_height(kType.panel_title)), kType.panel_title);
}

// Rules, the vertical ones with their labels above the plot, the others above their right end.
std::string rules(const Panel& panel, const PanelLayout& layout, const Screen& screen) {
  std::string text;
  for (const auto& rule : panel.rules) {
    const auto& span = rule.is_vertical ? layout.x : layout.y;
    if (!span.has_place(rule.at) || rule.at < span.from || rule.at > span.to) continue;
    const auto ends = rule.is_vertical
                          ? fmt::format("{0}, graph 0 to {0}, graph 1", rule.at)
                          : fmt::format("graph 0, first {0} to graph 1, first {0}", rule.at);
    text +=
        fmt::format("set arrow from {} nohead lw 1.2 dt (10,6) lc {}\n", ends, colour(rule.colour));
    if (!rule.is_vertical && !rule.label.empty()) {
      text += fmt::format(
          "set label {} at graph 0.99, first {} right offset 0,0.5 noenhanced font ',{}' tc {}\n",
          literal(shortened(rule.label, layout.plot.width, kType.rule)), rule.at, kType.rule,
          colour(rule.colour));
    }
  }
  for (const auto& label : layout.rule_labels) {
    text += fmt::format("set label {} at {}, {} left noenhanced font ',{}' tc {}\n",
                        literal(label.text), screen.x(label.x), screen.y(label.y), kType.rule,
                        colour(label.colour));
  }
  return text;
}

std::string legend(const PanelLayout& layout, const Screen& screen) {
  if (layout.legend.empty()) return "unset key\n";
  const auto place = layout.legend_corner
                         ? "inside " + *layout.legend_corner
                         : fmt::format("at {}, {} left top", screen.x(layout.legend_left),
                                       screen.y(layout.plot.top));
  return fmt::format(
      "set key {} vertical maxcols 1 Left reverse noenhanced samplen 2.2 font ',{}'\n", place,
      kType.legend);
}

std::string shades(const PanelLayout& layout, const Screen& screen) {
  if (!layout.bar_left) return "";
  std::string text = "set palette defined (";
  for (std::size_t i = 0; i < kShades.size(); ++i) {
    text += fmt::format("{}{} '{}'", i == 0 ? "" : ", ", i, kShades[i]);
  }
  const auto& plot = layout.plot;
  return text + fmt::format(
                    ")\nset colorbox vertical user origin {}, {} size screen {:.5f}, screen {:.5f} "
                    "noborder\nset cbtics scale 0.5 font ',{}'\nset format cb '%g'\n"
                    "set cblabel offset 1.5,0\n{}",
                    screen.x(*layout.bar_left), screen.y(plot.bottom()), 14 / screen.width,
                    plot.height / screen.height, kType.ticks,
                    label_command("cb", layout.shade_label));
}

std::string panel_commands(const Panel& panel, const PanelLayout& layout, const DrawnSeries& drawn,
                           const Screen& screen) {
  std::string text = place_of(layout.plot, screen) + axes(panel, layout) +
                     title_command(layout, screen) + rules(panel, layout, screen) +
                     legend(layout, screen) + shades(layout, screen) + drawn.labels;
  auto elements = drawn.elements;
  if (elements.empty()) elements.push_back("NaN notitle");
  elements.insert(elements.end(), drawn.legend_entries.begin(), drawn.legend_entries.end());
  return text + fmt::format("plot {}\n", fmt::join(elements, ", \\\n     "));
}

void require_file_name(const std::string& name) {
  const bool is_fine = !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
  });
  if (!is_fine) {
    throw Error(
        fmt::format("'{}' cannot be the name of a figure's files; letters, digits, _ and - "
                    "can be in it",
                    name));
  }
}

void run_gnuplot(const fs::path& script) {
  const auto result =
      run_program({"gnuplot", "-d", script.string()});  // -d: not as ~/.gnuplot has it
  if (!result.started) {
    throw Error(
        "gnuplot is not installed; the package gnuplot-nox has it (apt-get install "
        "gnuplot-nox)");
  }
  if (!result.succeeded()) {
    throw Error(fmt::format("gnuplot failed ({}): {}", to_text(result), result.output));
  }
}

}  // namespace

std::string gnuplot_script(const Figure& figure, const std::vector<fs::path>& pictures) {
  const auto layout = lay_out(figure);
  const Screen screen{layout.width, layout.height};
  std::string data, drawing = "set multiplot\n" + texts_around(layout, screen);
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const auto drawn =
        draw_series(figure.panels[i], layout.panels[i], fmt::format("panel{}", i + 1));
    data += drawn.data;
    drawing += fmt::format("\n# Panel {}\n", i + 1) +
               panel_commands(figure.panels[i], layout.panels[i], drawn, screen) + "reset\n";
  }
  return fmt::format(
      "# Drawn by groklab. To restyle it, change this file and run, in its folder, gnuplot on it.\n"
      "set encoding utf8\n{}\n{}\n{}\nunset multiplot\nunset output\n"
      "if (picture < {}) load ARG0\n",
      data, choice_of_picture(pictures, layout), drawing, pictures.size());
}

std::vector<fs::path> write_with_gnuplot(const Figure& figure, const fs::path& folder,
                                         const std::vector<std::string>& formats) {
  require_file_name(figure.name);
  if (figure.panels.empty()) throw Error(fmt::format("{} shows nothing", figure.name));
  make_folder(folder);
  std::list<UnfinishedFile> files;
  std::vector<fs::path> unfinished, names, pictures;
  for (const auto& format : formats) {
    names.push_back(figure.name + "." + format);
    pictures.push_back(folder / names.back());
    unfinished.push_back(full_path(files.emplace_back(pictures.back()).path()));
  }
  const auto script = folder / (figure.name + ".gp");
  UnfinishedFile first(script);  // it draws into the unfinished files
  first.append(gnuplot_script(figure, unfinished));
  run_gnuplot(full_path(first.path()));
  for (const auto& file : files) {
    if (!path_exists(file.path()) || size_of_file(file.path()) == 0) {
      throw Error(fmt::format("gnuplot wrote no {}; does it have the cairo terminals?",
                              file.target().filename().string()));
    }
  }
  replace_file(script, gnuplot_script(figure, names));
  for (auto& file : files) file.put_in_place();
  return pictures;
}

}  // namespace groklab
