#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace groklab {

// What was measured at one evaluation. Accuracies are fractions in [0, 1], losses mean
// cross-entropies in nats.
struct MetricsRow {
  std::int64_t step = 0;  // parameter updates done
  std::vector<std::pair<std::string, double>> values;

  double at(std::string_view name) const;  // NaN if it was not measured
};

// metrics.jsonl holds a row a line: {"step":100,"train_loss":…,…}; a number that is not finite is
// null. No times: the file is a function of the spec.
std::string to_json_line(const MetricsRow& row);
MetricsRow from_json_line(std::string_view line);

// A last line that was cut off is left out; any other line that is no row is an Error.
std::vector<MetricsRow> read_metrics(const std::filesystem::path& file);

// The rows before the first line that is none.
std::vector<MetricsRow> readable_metrics(const std::filesystem::path& file);

// What a curve says in a few numbers. Steps are evaluated steps; nullopt: never.
struct Summary {
  static constexpr double kSolved = 0.99;     // accuracy
  static constexpr std::size_t kSustain = 3;  // evaluations that must follow at or above it

  std::int64_t steps = 0;                                                     // of the last row
  double train_accuracy = 0, val_accuracy = 0, train_loss = 0, val_loss = 0;  // last
  double best_val_accuracy = 0;
  std::optional<std::int64_t> steps_to_memorize, steps_to_generalize;  // first at or above kSolved
  std::optional<std::int64_t> sustained_memorize, sustained_generalize;
};

Summary summarize(const std::vector<MetricsRow>& rows);

}  // namespace groklab
