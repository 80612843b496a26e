#include "report/comparison_page.h"

#include "support/small_study.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

using testing::Contains;
using testing::Pair;
using testing::SizeIs;

TEST(ComparisonPage, HasARowForEachPairWithBothResultsAndBothCurves) {
  test::SmallStudy first("one"), second("two");
  first.set("optimizer.weight_decay", "0.0");
  second.set("optimizer.weight_decay", "1.0");
  first.add_cell({{"seed", "0"}}, test::grokking(100, 10'000));
  first.add_cell({{"seed", "1"}}, test::grokking(100, 0));
  second.add_cell({{"seed", "0"}}, test::grokking(100, 2'000));
  second.add_cell({{"seed", "1"}}, test::grokking(100, 3'000));
  const std::vector<Study> studies{first.read(), second.read()};
  const auto page = comparison_page(studies, compare(studies, {}));
  EXPECT_EQ(page.verdict, "2 pairs of A and B.");
  EXPECT_THAT(page.figures, SizeIs(1));
  EXPECT_THAT(page.provenance, Contains(Pair("optimizer.weight_decay, A | B", "0.0 | 1.0")));
  ASSERT_THAT(page.rows, SizeIs(2));
  std::size_t base = 0;
  while (page.columns.at(base).name != "base.steps_to_generalize") ++base;
  EXPECT_EQ(page.columns[base + 1].name, "other.steps_to_generalize");
  EXPECT_EQ(page.rows[0].values[base], TableValue(std::int64_t{10'000}));
  EXPECT_EQ(page.rows[0].values[base + 1], TableValue(std::int64_t{2'000}));
  EXPECT_EQ(page.rows[1].values[base], TableValue());
  const auto& curve = page.rows[1].curve;
  ASSERT_THAT(curve.columns, SizeIs(8));
  EXPECT_EQ(curve.columns[1].first, "A.val_accuracy");
  EXPECT_EQ(curve.columns[5].first, "B.val_accuracy");
  const auto at = std::find(curve.steps.begin(), curve.steps.end(), 3'000) - curve.steps.begin();
  EXPECT_EQ(curve.columns[5].second.at(at), 1);
  EXPECT_TRUE(std::isnan(curve.columns[1].second.at(at))) << "A was not evaluated there";
}

}  // namespace
}  // namespace groklab
