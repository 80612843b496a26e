#include "report/kinds.h"

#include "report/requests.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>

namespace groklab {
const std::vector<FigureKind>& figure_kinds() {
  static const std::vector<FigureKind> kinds{
      curve_kind(),           time_by_fraction_kind(), accuracy_by_fraction_kind(),
      probe_over_time_kind(), loss_anatomy_kind(),     interventions_kind(),
      scatter_kind(),         embedding_map_kind(),    fourier_spectrum_kind(),
  };
  return kinds;
}

Schema common_figure_schema() {
  return Schema{}
      .text("name", "", "of its files, and of its place in the page; by default the kind")
      .text("title", "", "above it; by default of the experiment's name")
      .text("where", "", "key=value,key=value: only cells with these settings; a|b: either");
}

std::vector<const StudyCell*> chosen_cells(const Study& study, const Params& options) {
  const auto& where = options.text("where");
  auto cells = cells_where(study, where);
  std::erase_if(cells, [](const StudyCell* cell) { return !cell->is_measured(); });
  if (!cells.empty()) return cells;
  throw Error(where.empty() ? "no cell has been measured yet"
                            : fmt::format("no measured cell has {}", where));
}

std::vector<const StudyCell*> finished_cells(const std::vector<const StudyCell*>& cells,
                                             const std::string& kind) {
  auto over = cells;
  std::erase_if(over, [](const StudyCell* cell) { return !is_finished(cell->state); });
  if (over.empty()) throw Error(kind + " needs runs that are done, and none is yet");
  return over;
}

std::string unfinished_text(const std::vector<const StudyCell*>& chosen,
                            const std::vector<const StudyCell*>& finished) {
  if (finished.size() == chosen.size()) return "";
  return fmt::format(" {} of {} measured runs are not done and left out.",
                     chosen.size() - finished.size(), chosen.size());
}

Figure named_figure(const Params& options, const std::string& kind, const std::string& title) {
  const auto or_else = [&](const char* option, const std::string& fallback) {
    const auto& text = options.text(option);
    return text.empty() ? fallback : text;
  };
  Figure figure;
  figure.name = or_else("name", kind);
  figure.title = or_else("title", title);
  return figure;
}

Figure draw_figure(const Study& study, const Request& request) {
  const auto& kind = kind_named(figure_kinds(), request.kind, "figure");
  return kind.draw(study, checked_options(kind.name, kind.schema, request));
}

}  // namespace groklab
