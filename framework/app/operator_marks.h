#pragma once

#include <cstdint>

namespace groklab {

// While it lives, a profile knows what LibTorch's operators do, in all threads: products of
// matrices with their multiply-adds, layer norms, and as elementwise what no mark surrounds. The
// backward pass of what a mark surrounded is marked alike. Made and destroyed while no other thread
// computes.
class OperatorMarks {
 public:
  OperatorMarks();
  OperatorMarks(const OperatorMarks&) = delete;
  OperatorMarks& operator=(const OperatorMarks&) = delete;
  ~OperatorMarks();

 private:
  std::uint64_t callback_;
};

}  // namespace groklab
