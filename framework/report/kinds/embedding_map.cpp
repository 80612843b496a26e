// Where the elements of a table lie for the network, in two dimensions: figure 3 of Power et al.
// 2022, arXiv:2201.02177.
#include "report/element_cell.h"
#include "report/element_colours.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace groklab {
namespace {

constexpr std::int64_t kMostLabels = 120;  // that `labels: auto` draws

Schema schema() {
  return element_figure_schema()
      .choice("projection", "both", "t-SNE, principal components, or both", {"both", "tsne", "pca"})
      .choice("rows", "output", "the rows of the output layer, or of the embedding",
              {"output", "embedding"})
      .choice("colour", "auto",
              "of the points; auto: coset where elements are permutations, else residue",
              {"auto", "residue", "discrete_logarithm", "coset", "parity", "none"})
      .integer("subgroup_order", 0,
               "of the subgroup whose cosets are coloured; 0: 10 if there are 120 elements, else "
               "the largest order below the group's own",
               at_least(0))
      .integer("step", 0, "joins x, x + step, x + 2 step, … (mod K) by a line; 0: none",
               at_least(0))
      .choice("labels", "auto",
              "elements' names beside the points; auto: up to 120 elements, else under the pointer",
              {"auto", "always", "never"})
      .real("perplexity", 30, "of t-SNE: about how many neighbours count", at_least(1))
      .integer("seed", 0, "of the noise at t-SNE's start", at_least(0));
}

// 0, s, 2s, … (mod K) and back to the start; where that does not reach all, once more from the
// least that is left, after a gap.
Series number_line(const Points& places, std::size_t step) {
  constexpr auto kGap = std::numeric_limits<double>::quiet_NaN();
  Series line;
  line.name = fmt::format("x, x + {0}, x + 2·{0}, …", step);
  line.colour = kPalette.size() - 1;
  line.is_faint = true;
  const auto count = places.count(), cycles = std::gcd(step, count);
  for (std::size_t start = 0; start < cycles; ++start) {
    for (std::size_t i = 0; i <= count / cycles; ++i) {
      const auto* place = places.row((start + i * step) % count);
      line.x.push_back(place[0]);
      line.y.push_back(place[1]);
    }
    line.x.push_back(kGap);
    line.y.push_back(kGap);
  }
  return line;
}

Panel panel_of(const Points& places, const ElementColours& colours, const Analysis& analysis,
               const Params& options) {
  Panel panel;
  panel.is_square = true;
  panel.shade_label = colours.shade_label;
  const auto step = static_cast<std::size_t>(options.integer("step"));
  if (step % places.count() != 0) panel.series.push_back(number_line(places, step));
  const auto& labels = options.text("labels");
  for (const auto& group : colours.groups) {
    Series points;
    points.name = group.name;
    points.colour = group.colour;
    points.mark = SeriesMark::points;
    points.shade = group.shades;
    points.shows_labels =
        labels == "always" || (labels == "auto" && analysis.elements <= kMostLabels);
    for (const auto element : group.elements) {
      points.x.push_back(places.row(element)[0]);
      points.y.push_back(places.row(element)[1]);
      points.labels.push_back(analysis.names[element]);
    }
    panel.series.push_back(std::move(points));
  }
  return panel;
}

// Each projection adds its panel and a sentence to the caption.
class Drawing {
 public:
  Drawing(const Params& options, ElementCell chosen)
      : options_(options),
        chosen_(std::move(chosen)),
        points_(element_points(chosen_.analysis, options.text("rows"))),
        colours_(element_colours(chosen_.analysis, points_,
                                 {options.text("colour"), options.integer("subgroup_order")})) {}

  Figure draw(const Study& study) {
    const bool is_output = options_.text("rows") == "output";
    const auto what = is_output ? "rows of the output layer" : "rows of the embedding";
    auto figure = named_figure(options_, "embedding_map",
                               fmt::format("{}: the {}", study.plan().experiment, what));
    figure.caption =
        fmt::format("The {} {} of {}. ", chosen_.analysis.elements, what, chosen_.label);
    const auto& projection = options_.text("projection");
    if (projection != "pca") add_tsne(figure);
    if (projection != "tsne") add_components(figure);
    figure.columns = figure.panels.size();
    figure.caption += colours_.caption;
    if (options_.integer("step") > 0) {
      figure.caption += fmt::format(" Lines join elements that differ by {} (mod {}).",
                                    options_.integer("step"), chosen_.analysis.elements);
    }
    figure.description = fmt::format(
        "Points in the plane, one for each of {} elements; near points have similar {}. {}",
        chosen_.analysis.elements, what, colours_.caption);
    return figure;
  }

 private:
  void add_tsne(Figure& figure) const {
    const auto map = tsne(points_, {options_.real("perplexity"),
                                    static_cast<std::uint64_t>(options_.integer("seed"))});
    auto panel = panel_of(map.points, colours_, chosen_.analysis, options_);
    panel.title = "t-SNE";
    figure.panels.push_back(std::move(panel));
    figure.caption += fmt::format("t-SNE: perplexity {:.4g}, divergence {:.3f} nats, seed {}. ",
                                  map.perplexity, map.divergence, options_.integer("seed"));
  }

  void add_components(Figure& figure) const {
    const auto found = principal_components(points_, 2);
    auto panel = panel_of(found.points, colours_, chosen_.analysis, options_);
    panel.title = "principal components";
    const auto& shares = found.variance_shares;
    panel.x.label = fmt::format("first: {:.1f} % of the variance", 100 * shares[0]);
    panel.y.label = fmt::format("second: {:.1f} %", 100 * shares[1]);
    figure.panels.push_back(std::move(panel));
    figure.caption += fmt::format(
        "Principal components: the first two have {:.1f} % and {:.1f} % of the "
        "variance. ",
        100 * shares[0], 100 * shares[1]);
  }

  const Params& options_;
  ElementCell chosen_;
  Points points_;
  ElementColours colours_;
};

Figure draw(const Study& study, const Params& options) {
  return Drawing(options, chosen_element_cell(study, options)).draw(study);
}

std::vector<Request> natural_requests(const Study& study) {
  if (!natural_analysis(study)) return {};
  return {{"embedding_map", {}}};
}

}  // namespace

FigureKind embedding_map_kind() {
  return {"embedding_map", "where the elements lie for the network: t-SNE and principal components",
          schema(), draw, natural_requests};
}

}  // namespace groklab
