#include "app/tensor_listing.h"

#include "store/number_types.h"

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Purpose {
  const char* name;
  const char* title;
  const char* prefix;
};

constexpr std::array kPurposes{
    Purpose{"parameters", "parameters", "parameters."},
    Purpose{"optimizer", "state of the optimizer", "optimizer."},
    Purpose{"regularizers", "state of the regularizers", "regularizers."},
    Purpose{"analysis", "for analyses", "analysis."},
    Purpose{"other", "other tensors", ""},
};

// Squares are summed with more digits and a larger range than those of a double, so that no finite
// number overflows and the order matters to no digit that is shown.
class Counter {
 public:
  void add(double number) {
    ++result_.count;
    if (!std::isfinite(number)) {
      ++result_.not_finite;
      return;
    }
    result_.zeros += number == 0;
    squares_ += static_cast<long double>(number) * number;
    result_.min = std::fmin(result_.min, number);
    result_.max = std::fmax(result_.max, number);
  }

  void add(const TensorStatistics& part) {
    result_.count += part.count;
    result_.zeros += part.zeros;
    result_.not_finite += part.not_finite;
    squares_ += static_cast<long double>(part.norm) * part.norm;
    result_.min = std::fmin(result_.min, part.min);
    result_.max = std::fmax(result_.max, part.max);
  }

  TensorStatistics result() const {
    auto result = result_;
    result.norm = static_cast<double>(std::sqrt(squares_));
    return result;
  }

 private:
  TensorStatistics result_{.min = kNaN, .max = kNaN};
  long double squares_ = 0;
};

const Purpose& purpose_of(const std::string& name) {
  for (const auto& purpose : kPurposes) {
    if (name.starts_with(purpose.prefix)) return purpose;
  }
  throw std::logic_error("the last purpose takes every name");
}

}  // namespace

TensorStatistics statistics_of(const StoredTensor& tensor) {
  const auto& type = number_type(tensor.dtype);
  const auto size = static_cast<std::size_t>(type.size);
  Counter counter;
  for (std::size_t place = 0; place + size <= tensor.bytes.size(); place += size) {
    counter.add(type.read(tensor.bytes.data() + place));
  }
  return counter.result();
}

TensorStatistics joined(const std::vector<TensorStatistics>& parts) {
  Counter counter;
  for (const auto& part : parts) counter.add(part);
  return counter.result();
}

TensorStatistics TensorGroup::total() const {
  std::vector<TensorStatistics> parts;
  for (const auto& tensor : tensors) parts.push_back(tensor.statistics);
  return joined(parts);
}

std::vector<TensorGroup> grouped_tensors(const TensorFile& file) {
  std::vector<TensorGroup> groups;
  for (const auto& purpose : kPurposes) {
    TensorGroup group{purpose.name, purpose.title, {}};
    for (const auto& tensor : file.tensors) {
      if (&purpose_of(tensor.name) != &purpose) continue;
      group.tensors.push_back({tensor.name, tensor.dtype, tensor.shape, statistics_of(tensor)});
    }
    if (!group.tensors.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace groklab
