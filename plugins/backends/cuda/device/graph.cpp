#include "graph.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <groklab/error.h>

#include <algorithm>

struct GraphPool {
  const c10::MempoolId_t id = at::cuda::graph_pool_handle();
};

namespace {

namespace device_memory = c10::cuda::CUDACachingAllocator;

class Graph final : public at::cuda::CUDAGraph {
 public:
  // Whether the recorded work draws from the device's generator. LibTorch would go on with new
  // numbers at each replay, and these would be no function of the run's seeds.
  bool draws_numbers() const {
    return std::any_of(captured_generator_states_.begin(), captured_generator_states_.end(),
                       [](const auto& state_and_count) { return state_and_count.second > 0; });
  }

  // Ends a capture in which something failed, so that the device can be used as before.
  void abandon() noexcept;

 private:
  void release_memory();
};

void Graph::abandon() noexcept {
  if (capture_dev_ == UNDEFINED_DEVICE) return;  // it did not even begin
  try {
    capture_end();
  } catch (const std::exception&) {  // of the failure that brought us here
  }
  try {
    release_memory();
  } catch (const std::exception&) {  // capture_end came that far
  }
  for (auto& [generator, count] : captured_generator_states_) generator->capturing_ = false;
  C10_CUDA_CLEAR_ERROR();
}

// What LibTorch 2.11's capture_end leaves out when CUDA calls the capture invalid: the allocators
// would go on asking this graph, when it is gone, whether memory is for it.
void Graph::release_memory() {
  auto* host_memory = at::getHostAllocator(at::kCUDA);
  device_memory::endAllocateToPool(capture_dev_, mempool_id_);
  host_memory->end_allocate_to_pool(mempool_id_);
  device_memory::releasePool(capture_dev_, mempool_id_);
  host_memory->release_pool(mempool_id_);
}

class GraphRecording final : public groklab::Recording {
 public:
  GraphRecording(c10::cuda::CUDAStream stream, std::shared_ptr<GraphPool> pool)
      : stream_(stream), pool_(std::move(pool)) {}

  void capture(const std::function<void()>& work) {
    try {
      // The backward pass runs in a thread of autograd, for the same stream, so it is recorded too;
      // what it must do besides, such as setting up a library, the mode `global` would forbid.
      // `relaxed` would let this thread do what a replay leaves out, and say nothing.
      graph_.capture_begin(pool_->id, cudaStreamCaptureModeThreadLocal);
      work();
      graph_.capture_end();
    } catch (...) {
      graph_.abandon();
      throw;
    }
    if (graph_.draws_numbers()) {
      throw groklab::Error(
          "a step that is recorded must not draw numbers from the GPU's generator");
    }
  }

  void replay() override {
    const c10::cuda::CUDAStreamGuard guard(stream_);
    graph_.replay();
  }

 private:
  c10::cuda::CUDAStream stream_;
  std::shared_ptr<GraphPool> pool_;
  Graph graph_;  // goes first
};

}  // namespace

std::shared_ptr<GraphPool> GraphRecorder::pool() {
  auto pool = pool_.lock();
  if (pool == nullptr) {
    // Eager steps and earlier recordings left memory that a new pool cannot use.
    device_memory::emptyCache();
    pool = std::make_shared<GraphPool>();
    pool_ = pool;
  }
  return pool;
}

std::unique_ptr<groklab::Recording> GraphRecorder::record(const std::function<void()>& work) {
  auto recording = std::make_unique<GraphRecording>(stream_, pool());
  recording->capture(work);
  return recording;
}
