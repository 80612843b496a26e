#pragma once

#include "spec/experiment.h"

#include <groklab/parameters.h>

#include <vector>

namespace groklab {

// The weights at which replicas start, each by its own seed `init`: float64 [R, P] on the CPU. A
// number depends on its parameter's name and its place in it, not on the pack or the dtype.
Tensor initial_weights(const ParameterLayout& layout, const std::vector<Experiment>& replicas);

}  // namespace groklab
