#include "app/tensor_memory.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdlib>
#include <thread>

namespace groklab {
namespace {

TEST(TensorMemory, CountsTensorsOfAllThreadsToTheByte) {
  TensorMemory memory;
  const auto kept = torch::empty({1000}, torch::kFloat64);
  std::thread([] { torch::empty({500}, torch::kFloat32); }).join();
  EXPECT_EQ(memory.held(), 8000);
  EXPECT_EQ(memory.peak(), 10000);
  EXPECT_EQ(memory.allocated(), 10000);
  memory.restart_peak();
  EXPECT_EQ(memory.peak(), 8000);
}

TEST(TensorMemory, LeavesOutWhatWasThereBefore) {
  auto early = std::optional(torch::empty({1000}, torch::kFloat64));
  std::optional<torch::Tensor> outlives;
  {
    TensorMemory memory;
    early.reset();
    outlives = torch::empty({10}, torch::kFloat64);
    EXPECT_EQ(memory.held(), 80);
  }
  const TensorMemory memory;
  EXPECT_EQ(memory.held(), 0);
  EXPECT_EQ(memory.peak(), 0);
  const auto untouched = torch::ones({3});
  EXPECT_EQ(untouched.sum().item<float>(), 3);
}

TEST(TensorMemory, SeesWhatIsNoTensorToo) {
  const TensorMemory memory;
  const std::unique_ptr<void, decltype(&std::free)> block(std::malloc(1 << 20), &std::free);
  const auto tensor = torch::empty({1 << 20}, torch::kFloat32);
  EXPECT_NEAR(static_cast<double>(memory.others()), 1 << 20, 1 << 14);
}

}  // namespace
}  // namespace groklab
