#include <groklab/parameters.h>

#include <cmath>
#include <stdexcept>
#include <utility>

namespace groklab {
namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 40;  // numbers of one parameter

}  // namespace

Initializer Initializer::fan_in(std::int64_t inputs) {
  return uniform(1 / std::sqrt(static_cast<double>(inputs)));
}

void ParameterLayout::add(std::string name, std::vector<std::int64_t> shape,
                          Initializer initializer, Role role) {
  for (const auto& entry : entries_) {
    if (entry.name == name) throw std::logic_error("the model declares '" + name + "' twice");
  }
  std::int64_t count = 1;
  for (const auto size : shape) {
    if (size < 1 || count > kMaxCount / size) {
      throw std::logic_error("'" + name + "' has an impossible shape");
    }
    count *= size;
  }
  entries_.push_back({std::move(name), std::move(shape), initializer, role, count_, count});
  count_ += count;
}

Weights::Weights(std::shared_ptr<const ParameterLayout> layout, Tensor flat)
    : layout_(std::move(layout)), flat_(std::move(flat)) {
  // One split, because its backward is one concatenation; slices would each pad to the full size.
  std::vector<std::int64_t> counts;
  for (const auto& entry : layout_->entries()) counts.push_back(entry.count);
  if (layout_->buffer_size() > layout_->count()) {
    counts.push_back(layout_->buffer_size() - layout_->count());
  }
  auto pieces = flat_.split_with_sizes(counts, 1);
  for (std::size_t i = 0; i < layout_->entries().size(); ++i) {
    std::vector<std::int64_t> shape{flat_.size(0)};
    const auto& own = layout_->entries()[i].shape;
    shape.insert(shape.end(), own.begin(), own.end());
    views_.push_back(pieces[i].view(shape));
  }
}

const Tensor& Weights::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    if (layout_->entries()[i].name == name) return views_[i];
  }
  throw std::logic_error("the model has no parameter '" + std::string(name) + "'");
}

Tensor& NamedState::at(std::string_view name, const Tensor& like) {
  const auto entry = tensors_.find(name);
  if (entry != tensors_.end()) return entry->second;
  return tensors_.emplace(name, torch::zeros_like(like)).first->second;
}

}  // namespace groklab
