#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// A picture, described without saying who draws it: report/gnuplot.h makes files for papers of it,
// report/plotly.h a part of an interactive page. Texts are plain, in UTF-8; they may come from
// strangers, and each renderer escapes them.

enum class Scale {
  linear,
  log,       // base 10; what is not above 0 has no place and is left out
  category,  // the value i stands for Axis::categories[i]
};

struct Axis {
  std::string label;  // with its unit
  Scale scale = Scale::linear;
  std::optional<double> from{}, to{};     // nullopt: as the data has it
  std::vector<std::string> categories{};  // of Scale::category
};

enum class SeriesMark { line, line_and_points, points, bars };

// Values that belong together, and have one place in the legend. All lists that are not empty have
// one entry a value.
struct Series {
  std::string name;        // empty: not in the legend
  std::size_t colour = 0;  // of kPalette, modulo its size
  SeriesMark mark = SeriesMark::line;
  bool is_dashed = false;
  bool is_on_right = false;  // measured by Panel::right
  bool is_faint = false;     // in the background, such as a single run behind a mean

  std::vector<double> x, y;  // NaN: nothing is drawn there, and a line is interrupted

  // An interval of each value, of y, or of x where y is a category: a band along a line, a whisker
  // on points and bars.
  std::vector<double> low, high;

  // Of points: the value is a bound that the truth lies beyond (never reached within the budget).
  // Drawn hollow, as a triangle that points up, or right where y is a category.
  std::vector<bool> is_bound;
  std::vector<bool> is_bound_of_x;  // of such a point where y is no category: x is the bound, not y

  std::vector<double> shade;        // a number that colours each point on a continuous scale
  std::vector<std::string> labels;  // a word beside each point; in the page also under the pointer
  bool shows_labels = true;         // false: under the pointer alone
};

// A line across a panel, at a value of x (vertical) or y.
struct Rule {
  double at = 0;
  bool is_vertical = true;
  std::string label;
  std::size_t colour = 0;
};

struct Panel {
  std::string title;  // empty: none
  Axis x, y;
  std::optional<Axis> right{};  // a second axis for y
  std::vector<Series> series{};
  std::vector<Rule> rules{};
  std::string shade_label{};  // what Series::shade is
  bool is_square = false;     // one unit is as long on x as on y, and neither has numbers: a map
};

struct Figure {
  std::string name;         // of its files: letters, digits, _ and -
  std::string title;        // a line
  std::string caption;      // what is shown, and its statistics: n, statistic, interval, criterion
  std::string description;  // what it shows, in words, for who does not see it
  std::vector<Panel> panels;
  std::size_t columns = 1;  // panels are placed row by row
};

// Colours that colour-blind readers tell apart (Okabe and Ito 2008), on white and on black.
inline constexpr std::array kPalette{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                     "#E69F00", "#56B4E9", "#888888"};
// The same two everywhere.
inline constexpr std::size_t kValColour = 0, kTrainColour = 1;

// A sequence of dark to bright colours for Series::shade (viridis, evenly spaced; van der Walt and
// Smith 2015), with the place of each on the scale being its index / (size − 1).
inline constexpr std::array kShades{"#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C",
                                    "#28AE80", "#5EC962", "#ADDC30", "#FDE725"};

}  // namespace groklab
