#include "train/table.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace groklab {
namespace {

// The steps of the stream for Purpose::split, each a use of its own.
constexpr std::uint64_t kSplitOrder = 0, kOutlierOrder = 1, kOutlierLabels = 2, kPairOrder = 3;

// The rows of each unordered pair of elements, one or two, in the order of the table.
std::vector<std::vector<std::int64_t>> unordered_pairs(const Table& table) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> rows;
  for (std::int64_t row = 0; row < table.rows(); ++row) {
    rows[std::minmax(table.x[row], table.y[row])].push_back(row);
  }
  std::vector<std::vector<std::int64_t>> pairs;
  for (auto& [elements, of_pair] : rows) pairs.push_back(std::move(of_pair));
  return pairs;
}

}  // namespace

std::int64_t elements_of(const Operation& operation) {
  const auto count = operation.size();
  if (count >= 2 && count <= Operation::kMaxSize) return count;
  throw Error(fmt::format("has {} elements; a table needs 2 to {}", count, Operation::kMaxSize));
}

Table make_table(const Operation& operation) {
  Table table;
  const auto count = table.elements = elements_of(operation);
  for (std::int64_t x = 0; x < count; ++x) {
    table.names.push_back(operation.element_name(x));
    for (std::int64_t y = 0; y < count; ++y) {
      const auto z = operation.apply(x, y);
      if (z == Operation::kUndefined) continue;
      if (z < 0 || z >= count) {
        throw Error(
            fmt::format("{} ∘ {} gives {}, which is not an element (0 … {})", x, y, z, count - 1));
      }
      table.x.push_back(x);
      table.y.push_back(y);
      table.z.push_back(z);
    }
  }
  table.answers = table.z;
  return table;
}

std::vector<std::int64_t> permutation(std::int64_t count, const RandomStream& stream,
                                      std::uint64_t step) {
  std::vector<std::pair<std::uint64_t, std::int64_t>> keyed;
  keyed.reserve(count);
  for (std::int64_t i = 0; i < count; ++i) keyed.emplace_back(stream.bits(step, i), i);
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::int64_t> order;
  order.reserve(count);
  for (const auto& [key, i] : keyed) order.push_back(i);
  return order;
}

std::int64_t training_rows(std::int64_t rows, double train_fraction) {
  const auto train =
      static_cast<std::int64_t>(std::nearbyint(train_fraction * static_cast<double>(rows)));
  if (train < 1 || train >= rows) {
    throw Error(
        fmt::format("train_fraction {} of {} rows leaves {} to train on and {} to validate "
                    "on; both need at least one",
                    train_fraction, rows, train, rows - train));
  }
  return train;
}

Split split_rows(std::int64_t rows, double train_fraction, std::uint64_t seed) {
  const auto train = training_rows(rows, train_fraction);
  const auto order = permutation(rows, RandomStream(seed, Purpose::split), kSplitOrder);
  return {{order.begin(), order.begin() + train}, {order.begin() + train, order.end()}};
}

Split split_pairs(const Table& table, double train_fraction, std::uint64_t seed) {
  const auto wanted = static_cast<std::size_t>(training_rows(table.rows(), train_fraction));
  const auto pairs = unordered_pairs(table);
  Split split;
  for (const auto pair : permutation(static_cast<std::int64_t>(pairs.size()),
                                     RandomStream(seed, Purpose::split), kPairOrder)) {
    const auto& rows = pairs[pair];
    auto& side = split.train.size() + rows.size() <= wanted ? split.train : split.validation;
    side.insert(side.end(), rows.begin(), rows.end());
  }
  if (split.train.empty()) {
    throw Error(fmt::format("train_fraction {} of {} rows leaves no pair to train on",
                            train_fraction, table.rows()));
  }
  return split;
}

void randomize_labels(Table& table, const Split& split, std::int64_t count, std::uint64_t seed) {
  const auto available = static_cast<std::int64_t>(split.train.size());
  if (count > available) {
    throw Error(fmt::format("{} outliers are more than the {} training rows", count, available));
  }
  if (count == 0) return;
  std::vector<bool> is_trained_on(static_cast<std::size_t>(table.rows()));
  for (const auto row : split.train) is_trained_on[row] = true;
  const RandomStream stream(seed, Purpose::split);
  for (const auto row : permutation(table.rows(), stream, kOutlierOrder)) {
    if (!is_trained_on[row]) continue;
    const auto others = static_cast<std::uint64_t>(table.elements - 1);
    const auto shift = 1 + static_cast<std::int64_t>(stream.bits(kOutlierLabels, row) % others);
    table.z[row] = (table.answers[row] + shift) % table.elements;
    if (--count == 0) return;
  }
}

std::int64_t outliers(const Table& table) {
  std::int64_t count = 0;
  for (std::size_t row = 0; row < table.z.size(); ++row)
    count += table.z[row] != table.answers[row];
  return count;
}

std::int64_t batch_size(const Value& setting, std::int64_t train_rows) {
  if (const auto* number = std::get_if<std::int64_t>(&setting)) {
    return std::min(*number, train_rows);
  }
  if (std::get<std::string>(setting) == "full") return train_rows;
  return std::min<std::int64_t>(512, (train_rows + 1) / 2);
}

}  // namespace groklab
