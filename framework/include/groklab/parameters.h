#pragma once

#include <groklab/tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// How a parameter starts. The host draws the numbers from the seed `init`, by the parameter's name
// and the position within it, so a replica's start does not depend on its pack.
struct Initializer {
  enum class Kind { normal, uniform, constant };

  static Initializer normal(double deviation) { return {Kind::normal, deviation}; }
  static Initializer uniform(double bound) { return {Kind::uniform, bound}; }  // U(−bound, bound)
  static Initializer constant(double value) { return {Kind::constant, value}; }

  // U(±1/√fan_in): what PyTorch gives a linear layer.
  static Initializer fan_in(std::int64_t inputs);

  Kind kind;
  double scale;
};

// What a parameter is for. Embeddings and heads have a row or a column for each token; some update
// rules treat them otherwise than the matrices between.
enum class Role { hidden, embedding, head };

// The named parameters of a model, laid one after another in a buffer of P numbers a replica.
// P is a multiple of 64, so that vector instructions cut every replica's row alike; what pads it
// stays zero.
class ParameterLayout {
 public:
  struct Entry {
    std::string name;
    std::vector<std::int64_t> shape;  // of one replica
    Initializer initializer;
    Role role;
    std::int64_t offset;  // of its first number in the buffer
    std::int64_t count;   // numbers
  };

  // Throws std::logic_error if the name is taken or a size is not positive.
  void add(std::string name, std::vector<std::int64_t> shape, Initializer initializer,
           Role role = Role::hidden);

  const std::vector<Entry>& entries() const { return entries_; }
  std::int64_t count() const { return count_; }                         // parameters
  std::int64_t buffer_size() const { return (count_ + 63) / 64 * 64; }  // P

 private:
  std::vector<Entry> entries_;
  std::int64_t count_ = 0;
};

// A flat buffer [R, P] seen as named tensors [R, shape…]: views, through which gradients flow.
// Weights, gradients and the state of optimisers all take this form.
class Weights {
 public:
  Weights(std::shared_ptr<const ParameterLayout> layout, Tensor flat);

  const Tensor& flat() const { return flat_; }                            // [R, P]
  const Tensor& operator[](std::string_view name) const;                  // [R, shape…]
  const Tensor& at(std::size_t index) const { return views_.at(index); }  // in the layout's order
  const ParameterLayout& layout() const { return *layout_; }
  const std::shared_ptr<const ParameterLayout>& shared_layout() const { return layout_; }

 private:
  std::shared_ptr<const ParameterLayout> layout_;
  Tensor flat_;
  std::vector<Tensor> views_;
};

// Tensors that live from step to step, by name: momenta, moving averages. Zero at first; the host
// writes them into checkpoints and restores them.
class NamedState {
 public:
  Tensor& at(std::string_view name, const Tensor& like);  // made on first use, of `like`'s shape
  std::map<std::string, Tensor, std::less<>>& tensors() { return tensors_; }

 private:
  std::map<std::string, Tensor, std::less<>> tensors_;
};

}  // namespace groklab
