#include "report/kinds.h"

#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>

namespace groklab {
namespace {

// "key=value" pairs between commas.
std::vector<std::pair<std::string, std::string>> conditions(const std::string& where) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& pair : split(where, ',')) {
    const auto sign = pair.find('=');
    if (sign == std::string::npos || sign == 0) {
      throw Error(fmt::format("where: expected key=value, found '{}'", pair));
    }
    pairs.emplace_back(pair.substr(0, sign), pair.substr(sign + 1));
  }
  return pairs;
}

bool has_one_of(const Study& study, const StudyCell& cell, const std::string& key,
                const std::vector<std::string>& values) {
  const auto text = study.setting(cell, key);
  if (!text) return false;
  const auto number = parse_number(*text);
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
    return value == *text || (number && parse_number(value) == number);
  });
}

const FigureKind& kind_named(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& kind : figure_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw Error(fmt::format("there is no figure '{}'{}", name, suggestion(name, names)));
}

}  // namespace

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

std::vector<const StudyCell*> cells_where(const Study& study, const std::string& where) {
  const auto wanted = conditions(where);
  std::vector<const StudyCell*> cells;
  for (const auto& cell : study.cells) {
    const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const auto& condition) {
      return has_one_of(study, cell, condition.first, split(condition.second, '|'));
    });
    if (fits) cells.push_back(&cell);
  }
  return cells;
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

Params checked_options(const std::string& kind, const Schema& schema, const Request& request) {
  for (const auto& [option, value] : request.options) {
    const auto* field = schema.find(option);
    if (field != nullptr && field->default_value.index() == value.index()) continue;
    throw Error(fmt::format("{} takes no option {}={}", kind, option, to_text(value)));
  }
  for (const auto& field : schema.fields()) {
    if (!field.required || request.options.contains(field.name)) continue;
    throw Error(fmt::format("{} needs the option {}", kind, field.name));
  }
  return Params::from_defaults(schema, request.options);
}

Figure draw_figure(const Study& study, const Request& request) {
  const auto& kind = kind_named(request.kind);
  return kind.draw(study, checked_options(kind.name, kind.schema, request));
}

}  // namespace groklab
