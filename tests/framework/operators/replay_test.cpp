#include "operators/replay.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// A step of a small network, with a cursor into its rows and a ring for its losses, on memory that
// stays where it is.
struct SmallStep {
  Tensor rows = torch::sin(torch::arange(5 * 3 * 4, torch::kFloat32)).view({5, 3, 4});
  Tensor weight = torch::cos(torch::arange(8, torch::kFloat32)).view({4, 2});
  Tensor losses = torch::zeros({5});
  Tensor cursor = torch::zeros({1}, torch::kInt64);

  void run() {
    const auto leaf = weight.detach().requires_grad_(true);
    const auto x = rows.index_select(0, cursor).squeeze(0);
    const auto loss = torch::layer_norm(x.mm(leaf).relu(), {2}).square().log1p().sum();
    const auto gradient = torch::autograd::grad({loss}, {leaf})[0];
    const torch::NoGradGuard no_grad;
    losses.index_copy_(0, cursor, loss.view({1}));
    weight.sub_(gradient * 0.1);
    cursor.add_(1);
  }

  void reset() {
    const SmallStep fresh;
    weight.copy_(fresh.weight);
    losses.zero_();
    cursor.zero_();
  }
};

TEST(Replay, OfAStepGivesWhatTheStepGives) {
  SmallStep called, replayed;
  const auto recording = ReplayBackend().record([&] { replayed.run(); });
  replayed.reset();
  for (int i = 0; i < 5; ++i) {
    called.run();
    recording->replay();
  }
  EXPECT_TRUE(torch::equal(called.weight, replayed.weight));
  EXPECT_TRUE(torch::equal(called.losses, replayed.losses));
  EXPECT_EQ(replayed.cursor.item<std::int64_t>(), 5);
  EXPECT_GT(called.losses.min().item<float>(), 0);
}

TEST(Replay, KeepsTheHostsNumbersAsTheyWere) {
  auto sum = torch::zeros({2});
  double number = 1;
  const auto recording = ReplayBackend().record([&] { sum.add_(number); });
  number = 100;
  recording->replay();
  EXPECT_TRUE(torch::equal(sum, torch::full({2}, 2.F)));
}

TEST(Replay, MakesConstantsAnewWhereTheStepDoes) {
  auto sum = torch::zeros({2});
  const auto recording = ReplayBackend().record([&] {
    auto ones = torch::ones({2});
    sum.add_(ones);
    ones.mul_(5);
  });
  recording->replay();
  EXPECT_TRUE(torch::equal(sum, torch::full({2}, 2.F)));
}

TEST(Replay, RefusesWhatCannotBeRepeatedAndSaysWhy) {
  const auto x = torch::ones({4});
  const auto record = [](const std::function<void()>& work) {
    return [work] { ReplayBackend().record(work); };
  };
  EXPECT_THAT(record([&] { x.sum().item<float>(); }),
              ThrowsMessage<Error>(HasSubstr("_local_scalar_dense cannot be repeated: the host")));
  EXPECT_THAT(record([&] { x.masked_select(x > 0); }),
              ThrowsMessage<Error>(HasSubstr("masked_select cannot be repeated: the shape")));
  EXPECT_THAT(record([&] { torch::randn({2}); }),
              ThrowsMessage<Error>(HasSubstr("cannot be repeated: it draws")));
  EXPECT_EQ(x.sum().item<float>(), 4);  // outside of a recording
}

TEST(Replay, HasNoTf32) { EXPECT_THROW(ReplayBackend().use_tf32(true), Error); }

}  // namespace
}  // namespace groklab
