#include "report/exact_zeros.h"

#include <gmock/gmock.h>

#include <limits>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

StudyCell cell_with(const std::vector<double>& losses) {
  StudyCell cell;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    cell.curves.steps.push_back(100.0 * static_cast<double>(i));
  }
  cell.curves.columns["batch_loss"] = losses;
  return cell;
}

TEST(ExactZeros, FindsTheFirstAndTheLongestStretch) {
  // Steps 0, 100, …: step 0 does not count.
  const auto cell = cell_with({0, 1, 0, 1e-7, 0, 0, kNaN, 0, 1e-9, 0});
  const auto zeros = exact_zeros(cell.curves, "batch_loss");
  ASSERT_TRUE(zeros);
  EXPECT_EQ(zeros->evaluations, 8U);
  EXPECT_EQ(zeros->zeros, 5U);
  EXPECT_EQ(zeros->first, 200);
  EXPECT_EQ(zeros->longest_from, 400);
  EXPECT_EQ(zeros->longest_to, 700);
  EXPECT_EQ(zeros->longest_evaluations, 3U);
  EXPECT_FALSE(zeros->is_to_the_end);
}

TEST(ExactZeros, KnowsAStretchThatLastsToTheEnd) {
  const auto zeros = exact_zeros(cell_with({1, 0, 1, 0, 0}).curves, "batch_loss");
  EXPECT_EQ(zeros->longest_from, 300);
  EXPECT_TRUE(zeros->is_to_the_end);
}

TEST(ExactZeros, OfWhatWasNotMeasuredAreUnknown) {
  EXPECT_FALSE(exact_zeros(cell_with({1, 0}).curves, "train_loss"));
  EXPECT_FALSE(exact_zeros(cell_with({1, kNaN}).curves, "batch_loss"));
}

TEST(ExactZeros, AreToldOfAGroup) {
  const auto never = cell_with({1, 1e-7, 1e-8});
  const auto once = cell_with({1, 0, 1e-8});
  const auto long_time = cell_with({1, 1, 0, 0, 0});
  EXPECT_EQ(exact_zeros_text({{{}, "all", {&never, &once, &long_time}}}, "batch_loss"),
            "batch_loss was exactly 0 at evaluations of 2 of 3 runs, at first at step 100, the "
            "longest time from step 200 to 400, the end (3 evaluations in a row)");
  EXPECT_EQ(
      exact_zeros_text({{{}, "a", {&never}}, {{}, "b", {&once}}}, "batch_loss"),
      "batch_loss was exactly 0 at evaluations of b: 1 of 1 runs, at first at step 100, never "
      "twice in a row");
  EXPECT_EQ(exact_zeros_text({{{}, "all", {&never}}}, "batch_loss"),
            "batch_loss was never exactly 0");
  EXPECT_EQ(exact_zeros_text({{{}, "all", {&never}}}, "train_loss"), "");
}

}  // namespace
}  // namespace groklab
