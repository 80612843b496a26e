#pragma once

#include <groklab/torch_tag.h>

#include <torch/types.h>

#include <vector>

// Letters in shapes, here and everywhere:
//   R  replicas of a pack           B  rows of a batch          K  elements of the operation
//   P  numbers in a replica's flat parameter buffer             d  width of the model
//   N  rows in general              T  tokens of a sequence     V  rows of an embedding table

namespace groklab {

using torch::Tensor;

// A hyperparameter with one value for each replica, made to broadcast.
class PerReplica {
 public:
  explicit PerReplica(std::vector<double> values) : values_(std::move(values)) {}

  // [R, 1, …, 1] with as many dimensions as `tensor` [R, …], of its dtype, on its device. Made on
  // the first call for such a tensor and kept, so that later steps copy nothing from the host.
  Tensor like(const Tensor& tensor);

  bool any_nonzero() const;

 private:
  std::vector<double> values_;
  std::vector<Tensor> made_;
};

// Whether code may read and write the numbers of `tensor` through a pointer, instead of by
// operators of LibTorch: on the CPU, laid out without gaps, and not under OperatorsOnly.
bool is_direct(const Tensor& tensor);

// While one lives, what its thread does to tensors is to be done by operators alone, because they
// are watched: they are recorded, to be repeated (groklab/backend.h).
class OperatorsOnly {
 public:
  OperatorsOnly();
  OperatorsOnly(const OperatorsOnly&) = delete;
  OperatorsOnly& operator=(const OperatorsOnly&) = delete;
  ~OperatorsOnly();

 private:
  bool before_;
};

// `column` [R] viewed as [R, 1, …, 1] with as many dimensions as `tensor`, in its dtype.
Tensor broadcast_column(const Tensor& column, const Tensor& tensor);

}  // namespace groklab
