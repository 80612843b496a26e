#include "store/results.h"

#include "base/files.h"
#include "store/measured.h"
#include "store/sweep_state.h"
#include "store/values.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>
#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A column that is read from run.json.
struct RecordColumn {
  const char* name;
  ColumnType type;
  const char* place;  // a JSON pointer
};

// Functions of the spec.
constexpr RecordColumn kFacts[] = {
    {"stopped_at", ColumnType::integer, "/stopped/step"},
    {"parameters", ColumnType::integer, "/parameters"},
    {"train_rows", ColumnType::integer, "/train_rows"},
    {"val_rows", ColumnType::integer, "/val_rows"},
    {"batch_size", ColumnType::integer, "/batch_size"},
};

// What may differ when the same run is made again.
constexpr RecordColumn kCircumstances[] = {
    {"device", ColumnType::text, "/device"},
    {"execution", ColumnType::text, "/execution"},
    {"threads", ColumnType::integer, "/threads"},
    {"host", ColumnType::text, "/host"},
    {"groklab", ColumnType::text, "/groklab"},
    {"started", ColumnType::text, "/started"},
    {"finished", ColumnType::text, "/finished"},
    {"session_seconds", ColumnType::real, "/session_seconds"},
    {"session_steps", ColumnType::integer, "/session_steps"},
};

std::vector<RecordColumn> record_columns(bool is_reproducible) {
  std::vector<RecordColumn> columns(std::begin(kFacts), std::end(kFacts));
  if (!is_reproducible) {
    columns.insert(columns.end(), std::begin(kCircumstances), std::end(kCircumstances));
  }
  return columns;
}

// Steps are integers, all else is real.
std::vector<Column> summary_columns() {
  std::vector<Column> columns;
  const auto summary = to_json(Summary{});
  for (const auto& [name, value] : summary.items()) {
    columns.push_back({name, value.is_number_float() ? ColumnType::real : ColumnType::integer});
  }
  return columns;
}

TableLayout cells_table(const SweepPlan& plan, bool is_reproducible) {
  const Column id{"cell", ColumnType::text};
  std::vector<Column> fixed{
      {"status", ColumnType::text}, {"failure", ColumnType::text}, {"folder", ColumnType::text}};
  for (auto& column : summary_columns()) fixed.push_back(std::move(column));
  for (const auto& [name, type, place] : record_columns(is_reproducible)) {
    fixed.push_back({name, type});
  }
  auto taken = fixed;
  taken.push_back(id);
  const auto names = distinct_names(plan.keys, taken, "sweep.");

  TableLayout table{"cells", {id}, 1, ""};
  for (std::size_t key = 0; key < plan.keys.size(); ++key) {
    std::vector<std::string> values;
    for (const auto& cell : plan.cells) values.push_back(cell.coordinates[key]);
    table.columns.push_back({names[key], type_of(values), true});
  }
  table.columns.insert(table.columns.end(), fixed.begin(), fixed.end());
  return table;
}

// Reads the runs of a set and writes their tables.
class ResultsWriter {
 public:
  ResultsWriter(const RunSet& runs, bool is_reproducible, TableWriter& writer)
      : runs_(runs),
        is_reproducible_(is_reproducible),
        writer_(writer),
        at_work_(cells_at_work(runs)) {}

  WrittenResults write() {
    write_cells();
    write_metrics();
    results_.files = writer_.finish();
    return results_;
  }

 private:
  void write_cells() {
    table_ = cells_table(runs_.plan, is_reproducible_);
    writer_.begin(table_);
    for (std::size_t cell = 0; cell < runs_.plan.cells.size(); ++cell) {
      const auto folder = runs_.folder_of(cell);
      const auto report = read_cell(folder, at_work_.contains(cell));
      const auto measured = report.record ? read_measured_rows(folder) : MeasuredRows{};
      note_names(measured.rows);
      row_counts_.push_back(measured.rows.size());
      writer_.add(cell_row(cell, report, measured));
      ++results_.cells;
    }
  }

  std::vector<TableValue> cell_row(std::size_t index, const CellReport& report,
                                   const MeasuredRows& measured) {
    const auto& cell = runs_.plan.cells[index];
    const auto damage = report.state == CellState::damaged ? report.reason : measured.damage;
    if (!damage.empty()) results_.damages.push_back(damage);

    std::vector<TableValue> row{cell.id};
    for (const auto& coordinate : cell.coordinates) {
      row.push_back(text_value(coordinate, table_.columns[row.size()].type));
    }
    row.emplace_back(to_text(damage.empty() ? report.state : CellState::damaged));
    const auto& reason = damage.empty() ? report.reason : damage;
    row.push_back(reason.empty() ? TableValue() : TableValue(reason));
    row.emplace_back(runs_.is_sweep ? "cells/" + cell.id : std::string("."));
    const auto summary = to_json(summarize(measured.rows));
    for (const auto& value : summary) {
      const auto type = table_.columns[row.size()].type;
      row.push_back(measured.rows.empty() ? TableValue() : json_value(value, type));
    }
    for (const auto& column : record_columns(is_reproducible_)) {
      row.push_back(report.record ? recorded(report.record->json, column) : TableValue());
    }
    return row;
  }

  static TableValue recorded(const Json& json, const RecordColumn& column) {
    const Json::json_pointer place(column.place);
    return json.contains(place) ? json_value(json.at(place), column.type) : TableValue();
  }

  // The columns of the metrics come in the order in which they are met.
  void note_names(const std::vector<MetricsRow>& rows) {
    for (const auto& row : rows) {
      for (const auto& [name, value] : row.values) {
        if (places_.try_emplace(name, names_.size()).second) names_.push_back(name);
      }
    }
  }

  void write_metrics() {
    TableLayout table{
        "metrics", {{"cell", ColumnType::text}, {"step", ColumnType::integer}}, 2, "cells"};
    for (const auto& name : distinct_names(names_, table.columns, "metric.")) {
      table.columns.push_back({name, ColumnType::real});
    }
    writer_.begin(table);
    for (std::size_t cell = 0; cell < runs_.plan.cells.size(); ++cell) {
      if (row_counts_[cell] == 0) continue;
      auto rows = read_measured_rows(runs_.folder_of(cell)).rows;
      // A run that goes on meanwhile is shown as it was when its cell was written.
      rows.resize(std::min(rows.size(), row_counts_[cell]));
      for (const auto& row : rows) writer_.add(metrics_row(runs_.plan.cells[cell].id, row));
      results_.rows += rows.size();
    }
  }

  std::vector<TableValue> metrics_row(const std::string& id, const MetricsRow& measured) const {
    std::vector<TableValue> row(2 + names_.size());
    row[0] = id;
    row[1] = measured.step;
    for (const auto& [name, value] : measured.values) {
      const auto place = places_.find(name);
      if (place != places_.end()) row[2 + place->second] = number_value(value);
    }
    return row;
  }

  const RunSet& runs_;
  const bool is_reproducible_;
  TableWriter& writer_;
  const std::set<std::size_t> at_work_;  // cells
  TableLayout table_;                    // of the cells
  std::vector<std::string> names_;       // of what was measured
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::size_t> row_counts_;  // of metrics, of each cell
  WrittenResults results_;
};

}  // namespace

WrittenResults write_results(const RunSet& runs, bool is_reproducible, TableWriter& writer) {
  return ResultsWriter(runs, is_reproducible, writer).write();
}

}  // namespace groklab
