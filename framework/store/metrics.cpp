#include "store/metrics.h"

#include "base/files.h"
#include "base/setting_keys.h"
#include "store/json_field.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::optional<std::int64_t> first_solved(const std::vector<MetricsRow>& rows,
                                         std::string_view accuracy, std::size_t following) {
  for (std::size_t i = 0; i + following < rows.size(); ++i) {
    const auto stays = [&](const MetricsRow& row) { return row.at(accuracy) >= Summary::kSolved; };
    if (std::all_of(rows.begin() + i, rows.begin() + i + following + 1, stays)) return rows[i].step;
  }
  return std::nullopt;
}

// Rows up to the first line that is none; `problem` says what is wrong with that line.
std::vector<MetricsRow> rows_before_problem(const std::filesystem::path& file,
                                            std::string& problem) {
  const auto content = read_file(file);
  std::vector<MetricsRow> rows;
  std::size_t start = 0;
  for (auto end = content.find('\n'); end != std::string::npos; end = content.find('\n', start)) {
    try {
      rows.push_back(from_json_line(std::string_view(content).substr(start, end - start)));
    } catch (const Error& error) {
      problem = error.what();
      break;
    }
    start = end + 1;
  }
  return rows;
}

}  // namespace

double MetricsRow::at(std::string_view name) const {
  for (const auto& [key, value] : values) {
    if (key == name) return value;
  }
  return kNaN;
}

std::string to_json_line(const MetricsRow& row) {
  nlohmann::ordered_json json{{"step", row.step}};
  for (const auto& [name, value] : row.values) json[name] = value;  // not finite: null
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

MetricsRow from_json_line(std::string_view line) {
  const auto json = nlohmann::ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("step")) {
    throw Error(fmt::format("not a row of metrics: {}", line.substr(0, 80)));
  }
  MetricsRow row;
  row.step = JsonField(json).at("step").integer(0, kMostSteps);
  for (const auto& [key, value] : json.items()) {
    if (key != "step") {
      row.values.emplace_back(key, value.is_number() ? value.get<double>() : kNaN);
    }
  }
  return row;
}

std::vector<MetricsRow> read_metrics(const std::filesystem::path& file) {
  std::string problem;
  auto rows = rows_before_problem(file, problem);
  if (!problem.empty()) {
    throw Error(fmt::format("{}:{}: {}", file.string(), rows.size() + 1, problem));
  }
  return rows;
}

std::vector<MetricsRow> readable_metrics(const std::filesystem::path& file) {
  std::string problem;
  return rows_before_problem(file, problem);
}

Summary summarize(const std::vector<MetricsRow>& rows) {
  Summary summary;
  if (rows.empty()) return summary;
  const auto& last = rows.back();
  summary.steps = last.step;
  summary.train_accuracy = last.at("train_accuracy");
  summary.val_accuracy = last.at("val_accuracy");
  summary.train_loss = last.at("train_loss");
  summary.val_loss = last.at("val_loss");
  for (const auto& row : rows) {
    summary.best_val_accuracy = std::max(summary.best_val_accuracy, row.at("val_accuracy"));
  }
  summary.steps_to_memorize = first_solved(rows, "train_accuracy", 0);
  summary.steps_to_generalize = first_solved(rows, "val_accuracy", 0);
  summary.sustained_memorize = first_solved(rows, "train_accuracy", Summary::kSustain);
  summary.sustained_generalize = first_solved(rows, "val_accuracy", Summary::kSustain);
  return summary;
}

}  // namespace groklab
