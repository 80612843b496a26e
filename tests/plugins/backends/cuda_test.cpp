#include "support/plugin_calls.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <groklab/backend.h>
#include <groklab/error.h>
#include <torch/csrc/autograd/autograd.h>

#include <iostream>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::ExitedWithCode;
using testing::HasSubstr;
using testing::Not;

bool is_loaded(const fs::path& library) {
  return ::dlopen(library.c_str(), RTLD_LAZY | RTLD_NOLOAD) != nullptr;
}

fs::path device_library() { return test::build_dir() / "lib/groklab/libgroklab_cuda.so"; }

std::unique_ptr<Backend> backend_of(const Catalog& plugins) {
  return plugins.create<Backend>("cuda", Params::from_defaults({}, {}));
}

TEST(Cuda, IsFoundWithoutLoadingTheLibrariesOfCuda) {
  test::catalog().find("backend", "cuda");
  EXPECT_TRUE(is_loaded(test::plugin_dir() / "backends/cuda.so"));
  EXPECT_FALSE(is_loaded("libtorch_cuda.so"));
}

TEST(Cuda, WithoutADriverSaysSoAndLoadsNothing) {
  if (::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL) != nullptr) GTEST_SKIP() << "has a driver";
  const auto missing = backend_of(test::catalog())->missing();
  EXPECT_THAT(missing, HasSubstr("no NVIDIA driver (libcuda.so.1: "));
  EXPECT_THAT(missing, Not(HasSubstr("\n")));
  EXPECT_FALSE(is_loaded("libtorch_cuda.so"));
}

// Beside a driver that can do nothing, in a process of its own: what is loaded stays loaded.
class CudaWithADriver : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  // The plugin's file in a tree of its own, without the library that it loads.
  fs::path lonely_plugin() const {
    fs::create_directories(tree_.path() / "plugins/backends");
    fs::copy_file(test::plugin_dir() / "backends/cuda.so",
                  tree_.path() / "plugins/backends/cuda.so");
    return tree_.path() / "plugins";
  }

  static constexpr int kNotLoaded = 0, kLoaded = 1;

  // Ends the process, with what is missing on standard error and whether LibTorch's CUDA libraries
  // are loaded as the exit code.
  [[noreturn]] static void report_missing(const fs::path& plugins) {
    const auto driver = test::build_dir() / "tests/fixtures/driver/driver.so";
    if (::dlopen(driver.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) std::cerr << ::dlerror();
    std::cerr << backend_of(Catalog({plugins}))->missing() << "\n";
    std::exit(is_loaded("libtorch_cuda.so") ? kLoaded : kNotLoaded);
  }

  const test::TemporaryFolder tree_;
};

TEST_F(CudaWithADriver, LoadsTheLibrariesOfCudaAndFindsNoGpu) {
  if (!fs::exists(device_library())) GTEST_SKIP() << "built without CUDA";
  EXPECT_EXIT(report_missing(test::plugin_dir()), ExitedWithCode(kLoaded),
              "no GPU \\(.+\\); nvidia-smi");
}

TEST_F(CudaWithADriver, SaysThatItWasBuiltWithoutCuda) {
  const auto plugins = lonely_plugin();
  EXPECT_EXIT(report_missing(plugins), ExitedWithCode(kNotLoaded),
              "built without CUDA: there is no .*/libgroklab_cuda.so; run scripts/setup --cuda");
}

TEST_F(CudaWithADriver, SaysWhyItsLibraryCannotBeLoaded) {
  const auto plugins = lonely_plugin();
  tree_.write("libgroklab_cuda.so", "not a library");
  EXPECT_EXIT(report_missing(plugins), ExitedWithCode(kNotLoaded),
              "CUDA cannot be loaded: .*/libgroklab_cuda.so: .*; run scripts/setup --cuda");
}

// A training step in small: a product, its gradient, an update in place, the loss kept in a ring.
struct SmallStep {
  static constexpr std::int64_t kReplicas = 3, kRing = 4;

  explicit SmallStep(torch::Device device)
      : input(sample_numbers({kReplicas, 32, 16}, 1).to(device, torch::kFloat)),
        weight(torch::empty({kReplicas, 16, 24}, input.options())),
        losses(torch::empty({kRing, kReplicas}, input.options())),
        place(torch::empty({1}, input.options().dtype(torch::kLong))) {
    start_over();
  }

  void operator()() {
    const auto leaf = weight.detach().requires_grad_(true);
    const auto loss = input.bmm(leaf).relu().square().mean({1, 2});
    const auto gradient = torch::autograd::grad({loss.sum()}, {leaf})[0];
    weight.sub_(gradient * 0.1);
    losses.index_copy_(0, place, loss.detach().unsqueeze(0));
    place.add_(1).remainder_(kRing);
  }

  // In place, as recordings know tensors by their addresses.
  void start_over() {
    weight.copy_(sample_numbers({kReplicas, 16, 24}, 2));
    losses.zero_();
    place.zero_();
  }

  Tensor input, weight, losses, place;
};

class CudaOnGpu : public testing::Test {
 protected:
  void SetUp() override {
    backend_ = backend_of(test::catalog());
    if (!backend_->missing().empty()) GTEST_SKIP() << backend_->missing();
    backend_->run([&] {
      eager_ = std::make_unique<SmallStep>(backend_->device());
      replayed_ = std::make_unique<SmallStep>(backend_->device());
    });
  }

  // A recording of the step, after some that were not recorded. Recording may also do the step, so
  // the state that it meets is put back.
  std::unique_ptr<Recording> recording(const std::function<void()>& step) {
    const auto weight = replayed_->weight.clone(), losses = replayed_->losses.clone();
    const auto place = replayed_->place.clone();
    for (int i = 0; i < 3; ++i) backend_->run(step);
    auto recorded = backend_->record(step);
    backend_->run([&] {
      replayed_->weight.copy_(weight);
      replayed_->losses.copy_(losses);
      replayed_->place.copy_(place);
    });
    return recorded;
  }

  void expect_same_bits() {
    backend_->wait();
    EXPECT_TRUE(torch::equal(eager_->weight, replayed_->weight));
    EXPECT_TRUE(torch::equal(eager_->losses, replayed_->losses));
    EXPECT_TRUE(torch::equal(eager_->place, replayed_->place));
  }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<SmallStep> eager_, replayed_;
};

TEST_F(CudaOnGpu, SaysWhatItIs) {
  EXPECT_EQ(backend_->device(), torch::Device(torch::kCUDA, 0));
  EXPECT_FALSE(backend_->description().empty());
  EXPECT_TRUE(backend_->chooses_by_speed());
}

TEST_F(CudaOnGpu, AReplayedStepHasTheBitsOfAnEagerOne) {
  const auto recorded = recording(*replayed_);
  for (int i = 0; i < 10; ++i) {
    backend_->run(*eager_);
    recorded->replay();
  }
  expect_same_bits();
}

TEST_F(CudaOnGpu, TwoRecordingsShareMemoryAndLeaveEachOtherAlone) {
  auto both = torch::zeros({}, replayed_->losses.options());
  const auto plain = recording(*replayed_);
  const auto measured = recording([&] {
    (*replayed_)();
    both.add_(replayed_->losses.sum());
  });
  backend_->run([&] { both.zero_(); });
  auto expected = torch::zeros_like(both);
  for (int i = 0; i < 12; ++i) {
    backend_->run(*eager_);
    if (i % 3 == 0) backend_->run([&] { expected.add_(eager_->losses.sum()); });
    (i % 3 == 0 ? measured : plain)->replay();
  }
  expect_same_bits();
  EXPECT_TRUE(torch::equal(both, expected));
}

TEST_F(CudaOnGpu, RecordsAnewWhenAllRecordingsAreGone) {
  recording(*replayed_).reset();
  const auto recorded = recording(*replayed_);
  backend_->run(*eager_);
  recorded->replay();
  expect_same_bits();
}

TEST_F(CudaOnGpu, AfterAStepThatCannotBeRecordedEverythingGoesOn) {
  const auto before = recording(*replayed_);
  const auto reads_back = [&] {
    (*replayed_)();
    replayed_->losses.sum().item();
  };
  EXPECT_THROW(recording(reads_back), std::exception);
  EXPECT_THROW(backend_->record([] { throw Error("of the step"); }), Error);

  for (auto* step : {eager_.get(), replayed_.get()}) step->start_over();
  const auto after = recording(*replayed_);
  for (int i = 0; i < 3; ++i) backend_->run(*eager_);
  backend_->run(*replayed_);
  before->replay();
  after->replay();
  expect_same_bits();
}

TEST_F(CudaOnGpu, RefusesToRecordNumbersOfAGenerator) {
  const auto draw = [&] { replayed_->losses.uniform_(); };
  backend_->run(draw);
  EXPECT_THROW(backend_->record(draw), Error);
  EXPECT_NO_THROW(backend_->run(draw));
}

TEST_F(CudaOnGpu, ProductsAreInTf32OnlyOnRequest) {
  const auto a = torch::linspace(0, 1, 256 * 256, eager_->input.options()).view({256, 256});
  const auto exact = a.to(torch::kDouble).mm(a.to(torch::kDouble));
  const auto error = [&] { return (a.mm(a) - exact).abs().div(exact).max().item<double>(); };
  EXPECT_LT(error(), 1e-5);
  backend_->use_tf32(true);
  EXPECT_GT(error(), 1e-5);
}

TEST_F(CudaOnGpu, KnowsTheMostMemoryThatTensorsHeld) {
  constexpr std::int64_t kBytes = 1 << 26;
  const auto before = backend_->peak_bytes();
  ASSERT_TRUE(before.has_value());
  torch::empty({2 * kBytes}, eager_->input.options().dtype(torch::kByte));
  EXPECT_GE(*backend_->peak_bytes(), *before + kBytes);
}

}  // namespace
}  // namespace groklab
