#include "report/report.h"

#include "base/files.h"
#include "base/text.h"
#include "report/page_curve.h"
#include "report/statistics.h"
#include "report/times.h"
#include "store/run_environment.h"
#include "store/values.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace groklab {
namespace {

std::vector<Column> columns_of(const Study& study) {
  std::vector<Column> columns{{"cell", ColumnType::text}};
  const auto& plan = study.plan();
  for (std::size_t key = 0; key < plan.keys.size(); ++key) {
    std::vector<std::string> values;
    for (const auto& cell : plan.cells) values.push_back(cell.coordinates[key]);
    columns.push_back({plan.keys[key], type_of(values)});
  }
  columns.push_back({"state", ColumnType::text});
  const auto summary = to_json(Summary{});
  for (const auto& [name, value] : summary.items()) {
    columns.push_back({name, value.is_number_float() ? ColumnType::real : ColumnType::integer});
  }
  return columns;
}

PageRow row_of(const Study& study, const StudyCell& cell, const std::vector<Column>& columns,
               std::size_t limit) {
  const auto& planned = study.planned(cell);
  PageRow row{planned.id, {planned.id}, page_curve({{&cell.curves}}, limit)};
  for (const auto& coordinate : planned.coordinates) {
    row.values.push_back(text_value(coordinate, columns[row.values.size()].type));
  }
  row.values.emplace_back(to_text(cell.state));
  const auto summary = to_json(cell.summary);
  for (const auto& value : summary) {
    const auto type = columns[row.values.size()].type;
    row.values.push_back(cell.is_measured() ? json_value(value, type) : TableValue());
  }
  return row;
}

// The different values that a key has in the records of the cells, joined.
std::string recorded(const Study& study, const char* key) {
  std::set<std::string> values;
  for (const auto& cell : study.cells) {
    if (!cell.record || !cell.record->json.contains(key)) continue;
    const auto& value = cell.record->json[key];
    values.insert(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return join({values.begin(), values.end()}, ", ");
}

// The runs of a pack are trained at once: its time is that of the run that took longest.
double training_seconds(const Study& study) {
  double seconds = 0;
  for (const auto& pack : study.plan().packs) {
    double longest = 0;
    for (const auto index : pack.cells) {
      const auto& record = study.cells.at(index).record;
      if (record) longest = std::max(longest, record->json.value("session_seconds", 0.0));
    }
    seconds += longest;
  }
  return seconds;
}

std::string plugins_of(const Study& study) {
  std::set<std::string> lines;
  for (const auto& cell : study.cells) {
    if (!cell.record) continue;
    for (const auto& plugin : cell.record->json.at("plugins")) {
      lines.insert(fmt::format("{} {}  sha256 {}", plugin.value("kind", ""),
                               plugin.value("name", ""), plugin.value("sha256", "")));
    }
  }
  return join({lines.begin(), lines.end()}, "\n");
}

std::string spec_of(const Study& study) {
  try {
    return read_file(study.runs.path / "spec.yaml");
  } catch (const Error& error) {
    return error.what();
  }
}

// Of resumed runs whose environment was another one.
std::string warnings_of(const Study& study) {
  std::map<std::string, std::size_t> runs;
  for (const auto& cell : study.cells) {
    if (!cell.record) continue;
    for (const auto& warning : cell.record->json.value("warnings", nlohmann::ordered_json())) {
      ++runs[warning.get<std::string>()];
    }
  }
  std::vector<std::string> lines;
  for (const auto& [warning, count] : runs) lines.push_back(fmt::format("{}: {}", warning, count));
  return join(lines, "\n");
}

std::vector<std::pair<std::string, std::string>> provenance_of(
    const Study& study, const std::vector<std::string>& changed_since) {
  const auto& plan = study.plan();
  std::vector<std::pair<std::string, std::string>> facts{
      {"folder", study.runs.path.string()},
      {"started", plan.created},
      {"groklab", recorded(study, "groklab")},
      {"libtorch", recorded(study, "libtorch")},
      {"libtorch_library", recorded(study, "libtorch_library")},
      {"vector instructions", recorded(study, "instructions")},
      {"device", recorded(study, "device")},
      {"execution", recorded(study, "execution")},
      {"threads", recorded(study, "threads")},
      {"host", recorded(study, "host")},
      {"training time, of the last sessions, added up over packs",
       fmt::format("{:.0f} s", training_seconds(study))},
      {"overrides", join(plan.overrides, " ")},
      {"plugins", plugins_of(study)},
      {"changed since the runs were trained", join(changed_since, "\n")},
      {"warnings, and of how many runs", warnings_of(study)},
      {"spec.yaml", spec_of(study)}};
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return facts;
}

std::string name_of(const Request& request) {
  const auto option = request.options.find("name");
  const auto* name =
      option == request.options.end() ? nullptr : std::get_if<std::string>(&option->second);
  return name == nullptr || name->empty() ? request.kind : *name;
}

std::vector<std::pair<std::string, std::string>> failures_of(const Study& study) {
  std::vector<CellProgress> cells;
  for (const auto& cell : study.cells) cells.push_back({cell.state, cell.reason});
  std::vector<std::pair<std::string, std::string>> failures;
  for (const auto& trouble : troubles_of(cells)) {
    std::vector<std::string> ids;
    for (const auto cell : trouble.cells) ids.push_back(study.plan().cells[cell].id);
    failures.emplace_back(fmt::format("{}: {}", to_text(trouble.state), join(ids, ", ")),
                          trouble.reason);
  }
  return failures;
}

// "; median over the 5 finished runs: 1200 steps", of repetitions alone.
std::string median_text(const Study& study) {
  std::vector<const StudyCell*> finished;
  std::vector<Bounds> steps;
  for (const auto& cell : study.cells) {
    if (!is_finished(cell.state) || !cell.is_measured()) continue;
    finished.push_back(&cell);
    steps.push_back(steps_of(study, cell, generalization("first")));
  }
  if (finished.empty() || !pooled_keys(study, {finished}).empty()) return "";
  const auto runs = finished.size() == 1 ? std::string("run")
                                         : fmt::format("{} finished runs, median", finished.size());
  const auto middle = estimate(median_of(std::move(steps))).value;
  return fmt::format("; steps to generalise of the {}: {}", runs, to_text(middle));
}

}  // namespace

std::vector<Request> figures_of(const Study& study) {
  if (!study.plan().figures.empty()) return study.plan().figures;
  std::vector<Request> natural;
  for (const auto& kind : figure_kinds()) {
    for (auto& request : kind.natural_requests(study)) natural.push_back(std::move(request));
  }
  return natural;
}

std::vector<PageFigure> draw_figures(const Study& study, const std::vector<Request>& wanted) {
  std::vector<PageFigure> figures;
  std::map<std::string, int> names;
  for (const auto& request : wanted) {
    PageFigure drawn;
    drawn.figure.name = drawn.figure.title = name_of(request);
    try {
      drawn.figure = draw_figure(study, request);
    } catch (const Error& error) {
      drawn.problem = error.what();
    }
    const auto count = ++names[drawn.figure.name];
    if (count > 1) drawn.figure.name += fmt::format("_{}", count);
    figures.push_back(std::move(drawn));
  }
  return figures;
}

std::string verdict_of(const Study& study) {
  std::map<CellState, std::size_t> counts;
  std::size_t generalized = 0, sustained = 0, finished = 0;
  for (const auto& cell : study.cells) {
    ++counts[cell.state];
    const bool is_solved = cell.is_measured() && cell.summary.steps_to_generalize;
    generalized += is_solved;
    sustained += is_solved && cell.summary.sustained_generalize.has_value();
    finished += !is_solved && is_finished(cell.state);
  }
  std::vector<std::string> states;
  for (const auto& [state, count] : counts) {
    states.push_back(fmt::format("{} {}", count, to_text(state)));
  }
  auto text = fmt::format("{} cell{}: {}. {} generalised (validation accuracy at or above {:g} %)",
                          study.cells.size(), study.cells.size() == 1 ? "" : "s",
                          join(states, ", "), generalized, 100 * Summary::kSolved);
  if (generalized > 0) text += fmt::format(", {} of these sustained", sustained);
  if (finished > 0) text += fmt::format("; {} finished without", finished);
  return text + median_text(study) + ".";
}

std::set<std::string> builds_of(const Study& study) {
  std::set<std::string> builds;
  for (const auto& cell : study.cells) {
    if (cell.record && is_finished(cell.state)) builds.insert(builds_of(*cell.record));
  }
  return builds;
}

Page make_page(const Study& study, std::vector<PageFigure> figures,
               const std::vector<std::string>& changed_since) {
  Page page;
  page.title = study.plan().experiment;
  page.claim = study.plan().claim;
  page.verdict = verdict_of(study);
  page.findings = findings_of(study);
  page.figures = std::move(figures);
  page.columns = columns_of(study);
  const auto limit = page_curve_limit(study.cells.size());
  for (const auto& cell : study.cells) {
    page.rows.push_back(row_of(study, cell, page.columns, limit));
  }
  page.provenance = provenance_of(study, changed_since);
  page.failures = failures_of(study);
  return page;
}

}  // namespace groklab
