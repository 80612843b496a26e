#pragma once

#include <groklab/tensor.h>

#include <vector>

namespace groklab {

// LibTorch's loops take some numbers at a time as vectors and the last ones singly, and the last
// bit of a power depends on which. Where each replica's number fills lanes of its own, it is
// computed alike in every pack.

// The numbers of R replicas, each kLanes times over: for a PerReplica.
std::vector<double> in_lanes(const std::vector<double>& of_replicas);

// [R · kLanes] → [R].
Tensor first_of_lanes(const Tensor& lanes);

inline constexpr std::int64_t kLanes = 16;

}  // namespace groklab
