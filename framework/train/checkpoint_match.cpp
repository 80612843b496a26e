#include "train/checkpoint_match.h"

#include "base/text.h"
#include "store/analysis.h"
#include "train/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace groklab {
namespace {

constexpr std::string_view kParameters = "parameters.";

// The numbers of a square [K, K], x by y.
std::vector<std::int64_t> numbers_of(const StoredTensor& square) {
  std::vector<std::int64_t> numbers(square.bytes.size() / sizeof(std::int64_t));
  std::memcpy(numbers.data(), square.bytes.data(), numbers.size() * sizeof(std::int64_t));
  return numbers;
}

std::string number_text(std::int64_t number) {
  return number == Operation::kUndefined ? "none" : std::to_string(number);
}

// Throws Error if the checkpoint has this square otherwise. `what` differs, and a pair has `value`,
// in words. Checkpoints of versions before have no squares.
void require_same(const TensorFile& checkpoint, const StoredTensor& now, const char* what,
                  const char* value) {
  const auto found =
      std::find_if(checkpoint.tensors.begin(), checkpoint.tensors.end(),
                   [&](const StoredTensor& tensor) { return tensor.name == now.name; });
  if (found == checkpoint.tensors.end()) return;
  const auto& before = *found;
  const auto elements = now.shape.front();
  if (before.dtype != now.dtype) {
    throw Error(
        fmt::format("{} holds {} numbers, expected {}", before.name, before.dtype, now.dtype));
  }
  if (before.shape != now.shape) {
    throw Error(fmt::format("{} had {} elements and has {} now", what,
                            before.shape.empty() ? 0 : before.shape.front(), elements));
  }
  const auto old_numbers = numbers_of(before), new_numbers = numbers_of(now);
  std::int64_t count = 0, first = 0;
  for (auto i = std::ssize(new_numbers) - 1; i >= 0; --i) {
    if (old_numbers[i] == new_numbers[i]) continue;
    ++count;
    first = i;
  }
  if (count == 0) return;
  throw Error(fmt::format("{} differs in {} of {} pairs: {} of ({}, {}) was {} and is {} now", what,
                          count, new_numbers.size(), value, first / elements, first % elements,
                          number_text(old_numbers[first]), number_text(new_numbers[first])));
}

// The names that are in `some` and not in `others`, in a list.
std::string missing_from(const std::set<std::string>& others, const std::set<std::string>& some) {
  std::vector<std::string> missing;
  for (const auto& name : some) {
    if (!others.contains(name)) missing.push_back(name);
  }
  return join(missing, ", ");
}

void require_same_parameters(const TensorFile& checkpoint, const ParameterLayout& layout) {
  std::set<std::string> before, now;
  for (const auto& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(kParameters)) continue;
    before.insert(tensor.name.substr(kParameters.size()));
  }
  for (const auto& entry : layout.entries()) now.insert(entry.name);
  if (before == now) return;
  const auto shown = [](const std::string& list) { return list.empty() ? "none" : list; };
  throw Error(fmt::format("the model has other parameters: it lost {}, and has new ones {}",
                          shown(missing_from(now, before)), shown(missing_from(before, now))));
}

}  // namespace

void require_match(const TensorFile& checkpoint, const Components& components,
                   std::int64_t replica) {
  const auto data = data_tensors(components, replica);
  require_same(checkpoint, data[0], "the operation's table", "the answer");
  require_same(checkpoint, data[1], "the training set", "the label");
  require_same_parameters(checkpoint, *components.layout);
}

}  // namespace groklab
