#pragma once

#include <groklab/random.h>
#include <groklab/tensor.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace groklab {

// Randomness of one training step. Each replica draws from its own seed `noise`, so it draws the
// same alone or in a pack.
class Noise {
 public:
  Noise(std::vector<std::uint64_t> seeds, std::int64_t step)
      : seeds_(std::move(seeds)), step_(step) {}

  // N(0, 1), of the shape [R, …], dtype and device of `like`. `name` tells sources apart: two calls
  // of one step with the same name draw the same numbers. Throws std::logic_error in a step that is
  // being recorded (groklab/backend.h): the host draws them, and a replay would repeat them.
  Tensor normal(std::string_view name, const Tensor& like) const;

  // U[0, 1), likewise.
  Tensor uniform(std::string_view name, const Tensor& like) const;

  // That of `count` replicas from `first` on.
  Noise narrow(std::int64_t first, std::int64_t count) const;

  // What a step that is being recorded is given.
  Noise while_recording() const;

 private:
  template <class Draw>
  Tensor numbers(std::string_view name, const Tensor& like, Draw draw) const;

  std::vector<std::uint64_t> seeds_;
  std::int64_t step_;
  bool recording_ = false;
};

// What a step knows besides weights and gradients.
struct Step {
  Tensor number;         // float64 [1]: 1 at the first update. A tensor, so that a captured step
                         // counts on
  Tensor learning_rate;  // [R], after the schedule
  Noise noise;

  // What `count` replicas from `first` on know.
  Step narrow(std::int64_t first, std::int64_t count) const {
    return {number, learning_rate.narrow(0, first, count), noise.narrow(first, count)};
  }
};

}  // namespace groklab
