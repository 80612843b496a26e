#include "operators/observer.h"

#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

namespace groklab {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(OperatorObserver, SeesForwardBackwardAndUpdates) {
  const auto weight = torch::ones({2, 3}).requires_grad_(true);
  const auto x = torch::ones({4, 2});
  const OperatorObserver observer;
  const auto y = x.mm(weight).relu();
  const auto gradient = torch::autograd::grad({y}, {weight}, {torch::ones_like(y)})[0];
  weight.detach().sub_(gradient);
  EXPECT_THAT(observer.kernels(),
              ElementsAre("mm", "relu", "fill_.Scalar", "threshold_backward", "mm", "sub_.Tensor"));
}

TEST(OperatorObserver, CountsNeitherViewsNorAllocations) {
  const auto x = torch::ones({4, 6});
  const OperatorObserver observer;
  torch::empty_like(x.view({2, 2, 6}).transpose(0, 1).select(0, 1).split(3, 1)[0].detach());
  EXPECT_THAT(observer.kernels(), IsEmpty());
  EXPECT_GE(observer.calls().size(), 6U);
}

TEST(OperatorObserver, CountsWhatAComposedOperatorIsMadeOf) {
  const auto x = torch::ones({4, 6});
  const OperatorObserver observer;
  x.t().reshape({24});
  EXPECT_THAT(observer.kernels(), ElementsAre("copy_"));
}

TEST(OperatorObserver, RecordsSizesInListsToo) {
  const auto x = torch::ones({4, 6});
  const OperatorObserver observer;
  torch::cat({x, x}, 0);
  ASSERT_FALSE(observer.calls().empty());
  EXPECT_EQ(observer.calls()[0].full_name(), "cat");
  EXPECT_THAT(observer.calls()[0].sizes, ElementsAre(ElementsAre(4, 6), ElementsAre(4, 6)));
}

TEST(OperatorObserver, CountsTheBytesThatKernelsMove) {
  const auto x = torch::ones({4, 6}), row = torch::ones({6});
  const OperatorObserver observer;
  x.add(row.expand({4, 6}));  // reads 24 and 6 numbers, writes 24
  x.mm(x.t());                // reads 24 twice, writes 16
  EXPECT_EQ(observer.bytes(/*of_products=*/false), 4 * (24 + 6 + 24));
  EXPECT_EQ(observer.bytes(/*of_products=*/true), 4 * (24 + 24 + 16));
}

TEST(OperatorObserver, TellsCallsApartByEveryArgument) {
  const auto x = torch::ones({4, 6});
  const auto signature = [&](double number, const torch::Tensor& tensor) {
    const OperatorObserver observer;
    tensor.add(number);
    return observer.signatures().front();
  };
  EXPECT_EQ(signature(2, x), signature(2, torch::zeros({4, 6})));
  EXPECT_NE(signature(2, x), signature(3, x));
  EXPECT_NE(signature(2, x), signature(2, x.t()));
  EXPECT_NE(signature(2, x), signature(2, x.to(torch::kFloat64)));
}

TEST(OperatorObserver, CatchesWhatAStepMustNotDo) {
  const auto x = torch::ones({4});
  const OperatorObserver observer;
  x.sum().item<float>();
  x.masked_select(x > 0);
  EXPECT_THAT(observer.forbidden(), Contains("_local_scalar_dense"));
  EXPECT_THAT(observer.forbidden(), Contains("masked_select"));
}

TEST(OperatorObserver, SeesNothingOnceItIsGone) {
  const auto x = torch::ones({4});
  { const OperatorObserver observer; }
  const OperatorObserver another;
  EXPECT_THAT(another.calls(), IsEmpty());
  EXPECT_THROW(OperatorObserver(), std::logic_error);
}

}  // namespace
}  // namespace groklab
