#pragma once

#include <groklab/parameters.h>

#include <cstdint>
#include <vector>

namespace groklab {

// The weights at which replicas start, each by its own seed: float64 [R, P] on the CPU. A number
// depends on its parameter's name and its place in it, not on the pack or the dtype.
Tensor initial_weights(const ParameterLayout& layout, const std::vector<std::uint64_t>& seeds);

}  // namespace groklab
