#pragma once

#include <cstdint>

namespace groklab {

// Counts the memory of the host that is taken while it lives, in all threads; to the byte for
// LibTorch's tensors. One at a time.
class TensorMemory {
 public:
  TensorMemory();  // throws std::logic_error if there is one
  TensorMemory(const TensorMemory&) = delete;
  TensorMemory& operator=(const TensorMemory&) = delete;
  ~TensorMemory();

  std::int64_t held() const;       // bytes of tensors that were made since and are there
  std::int64_t peak() const;       // the most that these were since restart_peak()
  std::int64_t allocated() const;  // the sum over all that were made, whether they are there or not
  std::int64_t others() const;     // bytes that are there besides: tables, plugins' own memory

  void restart_peak();

 private:
  std::int64_t taken_before_, held_before_, allocated_before_;
};

}  // namespace groklab
