// Of which frequencies the elements' rows are made, as in Nanda et al. 2023, arXiv:2301.05217.
#include "base/text.h"
#include "report/element_cell.h"
#include "report/spectrum.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <numeric>

namespace groklab {
namespace {

constexpr std::size_t kNamedFrequencies = 5;

Schema schema() {
  return element_figure_schema()
      .choice("rows", "both", "the rows of the embedding, of the output layer, or both",
              {"both", "embedding", "output"})
      .choice("order", "auto",
              "of the elements; auto: discrete_logarithm if the table is x y or x / y mod a prime, "
              "else index",
              {"auto", "index", "discrete_logarithm"});
}

// In which the elements stand, and how the axis says so.
struct Order {
  std::vector<std::size_t> elements;
  bool is_logarithmic = false;
};

Order order_of(const Analysis& analysis, const std::string& wanted) {
  const auto count = static_cast<std::size_t>(analysis.elements);
  if (wanted == "discrete_logarithm" ||
      (wanted == "auto" && multiplies_or_divides(analysis.answers, count))) {
    auto powers = by_discrete_logarithm(count);
    if (powers.size() > 1) return {std::move(powers), true};  // one has no frequency
  }
  if (wanted == "discrete_logarithm") {
    throw Error(fmt::format(
        "order discrete_logarithm needs a prime number of elements above 2, not {}; use "
        "index",
        count));
  }
  std::vector<std::size_t> elements(count);
  std::iota(elements.begin(), elements.end(), std::size_t{0});
  return {std::move(elements), false};
}

Panel panel_of(const std::vector<double>& shares, const std::string& rows, std::size_t colour) {
  Panel panel;
  panel.title = rows;
  panel.x.label = "frequency (cycles over the elements)";
  panel.y.label = "share of energy";
  panel.y.from = 0;
  Series bars;
  bars.colour = colour;
  bars.mark = SeriesMark::bars;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    bars.x.push_back(static_cast<double>(i + 1));
    bars.y.push_back(shares[i]);
  }
  panel.series.push_back(std::move(bars));
  return panel;
}

// "output rows: 5 (41.2 %), 17 (20.0 %), … have 98.1 % of the energy; Gini 0.81. "
std::string sentence(const std::vector<double>& shares, const std::string& rows) {
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return shares[a] > shares[b]; });
  order.resize(std::min(order.size(), kNamedFrequencies));
  std::vector<std::string> words;
  double sum = 0;
  for (const auto i : order) {
    words.push_back(fmt::format("{} ({:.1f} %)", i + 1, 100 * shares[i]));
    sum += shares[i];
  }
  return fmt::format(
      "{}: the strongest frequencies {} have {:.1f} % of the energy; Gini of the "
      "amplitudes {:.3f}. ",
      rows, join(words, ", "), 100 * sum, amplitude_gini(shares));
}

Figure draw(const Study& study, const Params& options) {
  const auto chosen = chosen_element_cell(study, options);
  const auto& analysis = chosen.analysis;
  const auto order = order_of(analysis, options.text("order"));
  auto figure =
      named_figure(options, "fourier_spectrum",
                   fmt::format("{}: frequencies of the elements' rows", study.plan().experiment));
  figure.caption = fmt::format(
      "Discrete Fourier transform over the elements in the order of their {}, of {}: energy summed "
      "over the coordinates, without the mean, as a share of all. ",
      order.is_logarithmic ? fmt::format("discrete logarithms to the base {}, without 0",
                                         order.elements.size() > 1 ? order.elements[1] : 1)
                           : std::string("numbers"),
      chosen.label);
  const auto& wanted = options.text("rows");
  for (const std::string rows : {"embedding", "output"}) {
    if (wanted != "both" && wanted != rows) continue;
    const auto shares = energy_shares(element_points(analysis, rows), order.elements);
    figure.panels.push_back(panel_of(shares, rows + " rows", rows == "output" ? 0 : 1));
    figure.caption += sentence(shares, rows == "output" ? "Output rows" : "Embedding rows");
  }
  figure.caption.pop_back();
  figure.description = "Bars: the share of energy at each frequency. " + figure.caption;
  return figure;
}

// Only residues: a frequency is counted along the order of the elements, and names say whether they
// have one.
std::vector<Request> natural_requests(const Study& study) {
  const auto analysis = natural_analysis(study);
  if (!analysis) return {};
  const auto count = static_cast<std::size_t>(analysis->elements);
  for (std::size_t i = 0; i < count; ++i) {
    if (analysis->names[i] != std::to_string(i)) return {};
  }
  return {{"fourier_spectrum", {}}};
}

}  // namespace

FigureKind fourier_spectrum_kind() {
  return {"fourier_spectrum", "of which frequencies the elements' rows are made", schema(), draw,
          natural_requests};
}

}  // namespace groklab
