#pragma once

#include <c10/cuda/CUDAStream.h>
#include <groklab/backend.h>

#include <functional>
#include <memory>

// Memory for what recorded work allocates, shared by the recordings that are alive: they are
// replayed one after another on one stream and leave nothing for one another there. LibTorch
// refuses a pool that all its graphs have left, so the last recording takes it along.
struct GraphPool;

// Makes recordings of work on a stream, which must be the current one.
class GraphRecorder {
 public:
  explicit GraphRecorder(c10::cuda::CUDAStream stream) : stream_(stream) {}

  // See groklab::Backend::record.
  std::unique_ptr<groklab::Recording> record(const std::function<void()>& work);

 private:
  std::shared_ptr<GraphPool> pool();

  c10::cuda::CUDAStream stream_;
  std::weak_ptr<GraphPool> pool_;
};
