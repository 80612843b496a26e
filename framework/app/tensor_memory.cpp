#include "app/tensor_memory.h"

#include <c10/core/CPUAllocator.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>

namespace groklab {
namespace {

std::atomic<std::int64_t> held_bytes, peak_bytes, allocated_bytes;

// A tensor's memory as the allocator before ours gave it.
struct Block {
  c10::DataPtr memory;
  std::int64_t bytes;
};

void release(void* context) {
  const std::unique_ptr<Block> block(static_cast<Block*>(context));
  held_bytes -= block->bytes;
}

class CountingAllocator final : public c10::Allocator {
 public:
  void use_over(c10::Allocator* inner) { inner_ = inner; }
  c10::Allocator* inner() const { return inner_; }

  c10::DataPtr allocate(std::size_t size) override {
    auto block = std::make_unique<Block>(Block{inner_->allocate(size), 0});
    block->bytes = static_cast<std::int64_t>(size);
    allocated_bytes += block->bytes;
    const auto held = held_bytes += block->bytes;
    auto peak = peak_bytes.load();
    while (held > peak && !peak_bytes.compare_exchange_weak(peak, held)) {
    }
    auto* data = block->memory.get();
    return {data, block.release(), &release, c10::Device(c10::kCPU)};
  }

  void copy_data(void* to, const void* from, std::size_t count) const override {
    default_copy_data(to, from, count);
  }

 private:
  c10::Allocator* inner_ = nullptr;
};

// Never destroyed: tensors that were made with it may live on.
CountingAllocator& counting_allocator() {
  static auto& one = *new CountingAllocator;
  return one;
}

std::int64_t taken_bytes() {
  const auto info = ::mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

}  // namespace

TensorMemory::TensorMemory()
    : taken_before_(taken_bytes()), held_before_(held_bytes), allocated_before_(allocated_bytes) {
  auto& counting = counting_allocator();
  if (c10::GetCPUAllocator() == &counting) throw std::logic_error("memory is counted already");
  restart_peak();
  counting.use_over(c10::GetCPUAllocator());
  c10::SetCPUAllocator(&counting);
}

TensorMemory::~TensorMemory() { c10::SetCPUAllocator(counting_allocator().inner()); }

std::int64_t TensorMemory::held() const { return held_bytes - held_before_; }
std::int64_t TensorMemory::peak() const { return peak_bytes - held_before_; }
std::int64_t TensorMemory::allocated() const { return allocated_bytes - allocated_before_; }

std::int64_t TensorMemory::others() const {
  return std::max<std::int64_t>(0, taken_bytes() - taken_before_ - held());
}

void TensorMemory::restart_peak() { peak_bytes = held_bytes.load(); }

}  // namespace groklab
