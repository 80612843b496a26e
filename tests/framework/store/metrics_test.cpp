#include "store/metrics.h"

#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <cmath>
#include <limits>

namespace groklab {
namespace {

using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;
using testing::ThrowsMessage;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(MetricsRow, FindsAValueByItsName) {
  const MetricsRow row{5, {{"a", 1.5}, {"b", 2.5}}};
  EXPECT_EQ(row.at("b"), 2.5);
  EXPECT_TRUE(std::isnan(row.at("c")));
}

TEST(MetricsLine, IsJsonInTheOrderOfTheValues) {
  EXPECT_EQ(to_json_line({100, {{"train_loss", 0.5}, {"accuracy", 1.0}}}),
            "{\"step\":100,\"train_loss\":0.5,\"accuracy\":1.0}\n");
}

TEST(MetricsLine, RoundTripIsExact) {
  const MetricsRow row{1'000'000'000'000,
                       {{"a", 0.1},
                        {"b", 1.0 / 3},
                        {"c", 5e-324},
                        {"d", -1.7976931348623157e308},
                        {"name \"with\" ä", 4.574710978503383}}};
  const auto again = from_json_line(to_json_line(row));
  EXPECT_EQ(again.step, row.step);
  EXPECT_EQ(again.values, row.values);
}

TEST(MetricsLine, WhatIsNotFiniteIsNull) {
  const auto line = to_json_line({1, {{"a", kNaN}, {"b", kInf}, {"c", -kInf}}});
  EXPECT_EQ(line, "{\"step\":1,\"a\":null,\"b\":null,\"c\":null}\n");
  const auto row = from_json_line(line);
  ASSERT_THAT(row.values, SizeIs(3));
  for (const auto& [name, value] : row.values) EXPECT_TRUE(std::isnan(value)) << name;
}

TEST(MetricsLine, ANameThatIsNoTextCannotSpoilTheFile) {
  const auto row = from_json_line(to_json_line({1, {{"\xff", 0.5}, {"loss", 0.25}}}));
  EXPECT_EQ(row.at("loss"), 0.25);
}

TEST(MetricsLine, RefusesWhatIsNoRow) {
  for (const auto* line :
       {"", "5", "[]", "{}", "{\"step\":1", "{\"a\":1}", "{\"step\":1}{\"step\":2}", "nonsense"}) {
    EXPECT_THAT([&] { from_json_line(line); },
                ThrowsMessage<Error>(std::string("not a row of metrics: ") + line));
  }
}

TEST(MetricsLine, RefusesAStepThatIsNoNumberOfSteps) {
  for (const auto* line : {"{\"step\":1.5}", "{\"step\":\"1\"}", "{\"step\":-1}"}) {
    EXPECT_THAT([&] { from_json_line(line); },
                ThrowsMessage<Error>(testing::StartsWith("step: expected an integer in [0, ")));
  }
}

TEST(ReadMetrics, LeavesOutALastLineThatWasCutOff) {
  const test::TemporaryFolder folder;
  const std::string whole = "{\"step\":1,\"a\":0.5}\n{\"step\":22,\"a\":0.25}\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto rows = read_metrics(folder.write("metrics.jsonl", whole.substr(0, size)));
    const std::size_t lines = (size >= 19) + (size >= whole.size());
    ASSERT_THAT(rows, SizeIs(lines)) << size;
  }
  const auto rows = read_metrics(folder.path() / "metrics.jsonl");
  EXPECT_EQ(rows[0].step, 1);
  EXPECT_EQ(rows[1].step, 22);
  EXPECT_EQ(rows[1].at("a"), 0.25);
}

TEST(ReadMetrics, NamesTheLineThatIsNoRow) {
  const test::TemporaryFolder folder;
  const auto file =
      folder.write("metrics.jsonl", "{\"step\":1}\n{\"step\":2}\nbad\n{\"step\":4}\n");
  EXPECT_THAT([&] { read_metrics(file); },
              ThrowsMessage<Error>(file.string() + ":3: not a row of metrics: bad"));
  EXPECT_THAT(readable_metrics(file), SizeIs(2));
}

TEST(ReadMetrics, NamesAFileThatIsMissing) {
  EXPECT_THROW(read_metrics("/no/such/metrics.jsonl"), Error);
}

std::vector<MetricsRow> rows_of(const std::vector<double>& train, const std::vector<double>& val) {
  std::vector<MetricsRow> rows;
  for (std::size_t i = 0; i < train.size(); ++i) {
    rows.push_back({static_cast<std::int64_t>(100 * i),
                    {{"train_accuracy", train[i]}, {"val_accuracy", val[i]}}});
  }
  return rows;
}

TEST(Summarize, NothingIsNothing) {
  const auto summary = summarize({});
  EXPECT_EQ(summary.steps, 0);
  EXPECT_EQ(summary.steps_to_memorize, std::nullopt);
  EXPECT_EQ(summary.sustained_generalize, std::nullopt);
}

TEST(Summarize, HoldsTheLastRowAndTheBest) {
  const auto summary = summarize(
      {{0, {{"train_accuracy", 0.1}, {"val_accuracy", 0.2}, {"train_loss", 4}, {"val_loss", 5}}},
       {10, {{"train_accuracy", 0.9}, {"val_accuracy", 0.8}, {"train_loss", 1}, {"val_loss", 9}}},
       {20, {{"train_accuracy", 0.8}, {"val_accuracy", 0.7}, {"train_loss", 2}, {"val_loss", 8}}}});
  EXPECT_EQ(summary.steps, 20);
  EXPECT_EQ(summary.train_accuracy, 0.8);
  EXPECT_EQ(summary.val_accuracy, 0.7);
  EXPECT_EQ(summary.train_loss, 2);
  EXPECT_EQ(summary.val_loss, 8);
  EXPECT_EQ(summary.best_val_accuracy, 0.8);
}

TEST(Summarize, CountsStepsToTheFirstEvaluationAtNinetyNinePercent) {
  const auto summary = summarize(rows_of({0.5, 0.9899, 0.99, 1, 1}, {0, 0, 0.5, 0.98, 0.995}));
  EXPECT_THAT(summary.steps_to_memorize, Optional(Eq(200)));
  EXPECT_THAT(summary.steps_to_generalize, Optional(Eq(400)));
}

TEST(Summarize, SustainedMeansThreeMoreEvaluations) {
  //                                    0  100 200 300 400  500  600  700
  const auto summary = summarize(rows_of({1, 1, 1, 0.9, 0.99, 1, 1, 1},  //
                                         {0, 0, 0, 0.0, 0.00, 1, 1, 1}));
  EXPECT_THAT(summary.steps_to_memorize, Optional(Eq(0)));
  EXPECT_THAT(summary.sustained_memorize, Optional(Eq(400)));
  EXPECT_THAT(summary.steps_to_generalize, Optional(Eq(500)));
  EXPECT_EQ(summary.sustained_generalize, std::nullopt);  // two follow, not three
}

TEST(Summarize, NeverIsNoStep) {
  const auto summary = summarize(rows_of({0.5, 0.98}, {0, 0.989999}));
  EXPECT_EQ(summary.steps_to_memorize, std::nullopt);
  EXPECT_EQ(summary.steps_to_generalize, std::nullopt);
  EXPECT_EQ(summary.sustained_memorize, std::nullopt);
}

TEST(Summarize, WhatWasNotMeasuredIsNeverReached) {
  const auto summary = summarize({{0, {}}, {100, {{"val_accuracy", kNaN}}}});
  EXPECT_EQ(summary.steps_to_generalize, std::nullopt);
  EXPECT_EQ(summary.best_val_accuracy, 0);
  EXPECT_TRUE(std::isnan(summary.val_accuracy));
}

}  // namespace
}  // namespace groklab
