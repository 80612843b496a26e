#include "report/kinds.h"
#include "support/small_study.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using test::evaluated;
using test::SmallStudy;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Columns = std::vector<std::pair<std::string, std::vector<double>>>;

// Columns at steps 0, 10, 100, …
std::vector<MetricsRow> probed(const Columns& columns) {
  std::vector<MetricsRow> rows;
  std::int64_t step = 1;
  for (std::size_t i = 0; i < columns.front().second.size(); ++i, step *= 10) {
    rows.push_back(evaluated(i == 0 ? 0 : step, 1, 0.5));
    for (const auto& [name, values] : columns) rows.back().values.emplace_back(name, values[i]);
  }
  return rows;
}

Figure drawn(const SmallStudy& small, const std::map<std::string, Value>& options = {}) {
  return draw_figure(small.read(), {"probe_over_time", options});
}

std::string error_of(const SmallStudy& small, const std::map<std::string, Value>& options) {
  try {
    drawn(small, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> shown(const Figure& figure) {
  std::vector<std::string> columns;
  for (const auto& panel : figure.panels) columns.push_back(panel.y.label);
  return columns;
}

TEST(ProbeOverTime, DrawsMeansAColumnAPanel) {
  SmallStudy small;
  small.add_cell({{"seed", "0"}}, probed({{"norm", {9, 1, 4}}, {"norm.share", {0, 0.25, 1}}}));
  small.add_cell({{"seed", "1"}}, probed({{"norm", {9, 3, 600}}, {"norm.share", {0, 0.75, 0}}}));
  const auto figure = drawn(small);
  EXPECT_THAT(shown(figure), ElementsAre("norm", "norm.share"));
  const auto& panel = figure.panels[0];
  ASSERT_THAT(panel.series, SizeIs(2));
  const auto& beside = panel.series[0];
  EXPECT_TRUE(beside.is_on_right);
  EXPECT_EQ(beside.name, "val_accuracy (right)");
  EXPECT_THAT(beside.y, ElementsAre(0.5, 0.5));
  const auto& line = panel.series[1];
  EXPECT_THAT(line.x, ElementsAre(10, 100));
  EXPECT_THAT(line.y, ElementsAre(2, 302));
  EXPECT_THAT(line.low, ElementsAre(1, 4));  // a quarter of all resamples has one run alone
  EXPECT_THAT(line.high, ElementsAre(3, 600));
  EXPECT_EQ(panel.x.scale, Scale::log);
  EXPECT_EQ(panel.y.scale, Scale::log);                // 1 to 600
  EXPECT_EQ(figure.panels[1].y.scale, Scale::linear);  // has a 0
  EXPECT_THAT(figure.caption, AllOf(HasSubstr("n: 2 runs, which differ in seed."),
                                    HasSubstr("95 % interval, by percentile bootstrap over runs"),
                                    HasSubstr("Dashed, on the right: val_accuracy.")));
}

TEST(ProbeOverTime, DrawsAnyColumnsAndNothingBeside) {
  SmallStudy small;
  small.add_cell({{"operation.name", "add"}}, probed({{"norm", {9, 1}}, {"norm.b", {1, 2}}}));
  small.add_cell({{"operation.name", "divide"}}, probed({{"norm", {9, 2}}, {"norm.b", {1, 2}}}));
  const auto figure = drawn(small, {{"probe", "norm.b, train_loss"}, {"beside", ""}});
  EXPECT_THAT(shown(figure), ElementsAre("norm.b", "train_loss"));
  EXPECT_FALSE(figure.panels[0].right);
  ASSERT_THAT(figure.panels[0].series, SizeIs(2));
  EXPECT_EQ(figure.panels[0].series[0].name, "add");
  EXPECT_EQ(figure.panels[0].series[1].name, "divide");
  EXPECT_THAT(figure.caption, HasSubstr("n: one run each. Values as they were measured."));
}

Columns many(const std::string& probe, int count) {
  Columns columns;
  for (int i = 0; i < count; ++i) columns.push_back({fmt::format("{}.{}", probe, i), {1, 2}});
  return columns;
}

TEST(ProbeOverTime, NamesWhatCanBeChosen) {
  SmallStudy none;
  none.add_cell({{"seed", "0"}}, {evaluated(10, 1, 1)});
  EXPECT_THAT(error_of(none, {}), HasSubstr("no probe was measured"));
  SmallStudy small;
  auto columns = many("sharpness", 7);
  columns.push_back({"norm", {1, 2}});
  small.add_cell({{"seed", "0"}}, probed(columns));
  EXPECT_THAT(error_of(small, {}), HasSubstr("name one by probe: norm, sharpness"));
  EXPECT_THAT(error_of(small, {{"probe", "sharpness"}}),
              HasSubstr("7 columns are more than the 6 panels of a figure; choose some: "
                        "sharpness.0,sharpness.1,"));
  EXPECT_THAT(error_of(small, {{"probe", "sharpnes"}}), HasSubstr("did you mean 'sharpness'"));
  EXPECT_THAT(error_of(small, {{"probe", "norm"}, {"beside", "val_acuracy"}}),
              HasSubstr("beside: no run measured 'val_acuracy'; did you mean 'val_accuracy'"));
}

TEST(ProbeOverTime, LeavesSingleParametersToWhoAsksForThem) {
  SmallStudy small;
  auto columns = many("norm.blocks", 9);
  columns.push_back({"norm", {1, 2}});
  columns.push_back({"norm.embedding", {1, 2}});
  small.add_cell({{"seed", "0"}}, probed(columns));
  EXPECT_THAT(shown(drawn(small, {{"probe", "norm"}})), ElementsAre("norm", "norm.embedding"));
  EXPECT_THAT(shown(drawn(small, {{"probe", "norm.blocks.3"}})), ElementsAre("norm.blocks.3"));
}

TEST(ProbeOverTime, HasAFigureOfItsOwnForEachProbe) {
  SmallStudy small;
  auto columns = many("collapse", 9);
  columns.push_back({"norm", {1, 2}});
  small.add_cell({{"seed", "0"}}, probed(columns));
  const auto study = small.read();
  const auto requests = probe_over_time_kind().natural_requests(study);
  ASSERT_THAT(requests, SizeIs(3));
  std::vector<std::string> names;
  std::vector<std::size_t> panels;
  for (const auto& request : requests) {
    const auto figure = draw_figure(study, request);
    names.push_back(figure.name);
    panels.push_back(figure.panels.size());
  }
  EXPECT_THAT(names, ElementsAre("probe_over_time_collapse_1", "probe_over_time_collapse_2",
                                 "probe_over_time_norm"));
  EXPECT_THAT(panels, ElementsAre(5, 4, 1));
  SmallStudy none;
  none.add_cell({{"seed", "0"}}, {evaluated(10, 1, 1)});
  EXPECT_THAT(probe_over_time_kind().natural_requests(none.read()), IsEmpty());
}

}  // namespace
}  // namespace groklab
