#pragma once

#include "train/plugin_call.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <groklab/tensor.h>

#include <string>
#include <string_view>

namespace groklab {

// What a plugin returned has to be of `shape`, or the plugin failed.
template <class Kind>
void require_shape(const Used<Kind>& used, std::string_view what, const Tensor& tensor,
                   torch::IntArrayRef shape) {
  if (tensor.defined() && tensor.sizes() == shape) return;
  const auto found = tensor.defined() ? fmt::format("[{}]", fmt::join(tensor.sizes(), ", "))
                                      : std::string("no tensor");
  used.fail(fmt::format("returned {} {}, expected [{}]", what, found, fmt::join(shape, ", ")));
}

}  // namespace groklab
