// The numbers of the first are NumPy's:
//   import numpy as np
//   x = np.sin(np.arange(1000)).astype(np.float32); x[::8] = 0
//   np.linalg.norm(x.astype(np.float64)), x.min(), x.max()
#include "app/tensor_listing.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace groklab {
namespace {

using testing::ElementsAre;

template <class Number>
StoredTensor stored(const std::string& name, const char* dtype,
                    const std::vector<Number>& numbers) {
  const auto* bytes = reinterpret_cast<const char*>(numbers.data());
  return {name,
          dtype,
          {1, static_cast<std::int64_t>(numbers.size())},
          {bytes, numbers.size() * sizeof(Number)}};
}

TEST(TensorListing, NormAndExtremesAreThoseOfNumPy) {
  std::vector<float> numbers(1000);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = i % 8 == 0 ? 0 : static_cast<float>(std::sin(static_cast<double>(i)));
  }
  const auto statistics = statistics_of(stored("waves", "F32", numbers));
  EXPECT_EQ(statistics.count, 1000);
  EXPECT_EQ(statistics.zeros, 125);
  EXPECT_NEAR(statistics.norm, 20.91211404545569, 1e-12);
  EXPECT_EQ(statistics.min, -0.9999902248382568F);
  EXPECT_EQ(statistics.max, 0.9999904632568359F);
  EXPECT_EQ(statistics.zero_share(), 0.125);
}

TEST(TensorListing, LargeNumbersDoNotOverflow) {
  const auto statistics = statistics_of(stored<double>("large", "F64", {3e200, -4e200}));
  EXPECT_DOUBLE_EQ(statistics.norm, 5e200);
  EXPECT_EQ(statistics.min, -4e200);
}

TEST(TensorListing, EveryDtypeIsRead) {
  EXPECT_EQ(statistics_of(stored<std::int64_t>("i", "I64", {-1, 2, 0, 2})).norm, 3);
  EXPECT_EQ(statistics_of(stored<std::uint8_t>("b", "BOOL", {1, 0, 1, 1})).zeros, 1);
  EXPECT_EQ(statistics_of(stored<std::uint16_t>("h", "BF16", {0x4040, 0xC080, 0x7F80})).norm, 5);
}

TEST(TensorListing, WhatIsNotFiniteIsCountedAndLeftOut) {
  const auto statistics = statistics_of(
      stored<double>("x", "F64", {std::nan(""), 3, -std::numeric_limits<double>::infinity(), 4}));
  EXPECT_EQ(statistics.not_finite, 2);
  EXPECT_EQ(statistics.norm, 5);
  EXPECT_EQ(statistics.min, 3);
  EXPECT_EQ(statistics.max, 4);
  const auto none = statistics_of(stored<double>("x", "F64", {std::nan("")}));
  EXPECT_TRUE(std::isnan(none.min) && std::isnan(none.max));
  EXPECT_EQ(none.norm, 0);
}

TEST(TensorListing, GroupsByPurposeAndSumsUpEach) {
  const TensorFile file{{stored<double>("optimizer.momentum", "F64", {1, 0}),
                         stored<double>("parameters.head", "F64", {2, 3}),
                         stored<double>("analysis.embedding", "F64", {100}),
                         stored<double>("regularizers.0.average", "F64", {7}),
                         stored<double>("parameters.embedding", "F64", {-6, 0}),
                         stored<double>("something", "F64", {9})},
                        {}};
  std::vector<std::string> names;
  const auto groups = grouped_tensors(file);
  for (const auto& group : groups) names.push_back(group.name);
  ASSERT_THAT(names, ElementsAre("parameters", "optimizer", "regularizers", "analysis", "other"));
  EXPECT_EQ(groups[0].tensors.at(0).name, "parameters.head");
  EXPECT_EQ(groups[0].tensors.at(1).name, "parameters.embedding");
  const auto total = groups[0].total();
  EXPECT_EQ(total.count, 4);
  EXPECT_EQ(total.zeros, 1);
  EXPECT_EQ(total.norm, 7);  // √(4 + 9 + 36)
  EXPECT_EQ(total.min, -6);
  EXPECT_EQ(total.max, 3);
}

}  // namespace
}  // namespace groklab
