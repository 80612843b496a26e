#include "spec/overrides.h"

#include "framework/spec/example_sweeps.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using test::cells;
using test::expand;
using test::kExample;
using test::problems_of;
using test::sweep;
using testing::ElementsAre;
using testing::StartsWith;

TEST(SweepOverrides, AddAnAxisByAnyWayToWriteSeveralValues) {
  for (const auto* fractions :
       {"[0.2, 0.3]", "0.2,0.3", "0.2, 0.3", "{from: 0.2, to: 0.3, step: 0.1}",
        "range(0.2,0.3,0.1)", "range(0.2, 0.3, 0.1)", "{from: 0.2, to: 0.3, points: 2}"}) {
    const auto [swept, problems] = expand(
        kExample, {std::string("data.train_fraction=") + fractions, "optimizer=adam,descent"});
    EXPECT_EQ(problems, "") << fractions;
    EXPECT_THAT(cells(swept),
                testing::UnorderedElementsAre("optimizer=adam data.train_fraction=0.2",
                                              "optimizer=adam data.train_fraction=0.3",
                                              "optimizer=descent data.train_fraction=0.2",
                                              "optimizer=descent data.train_fraction=0.3"))
        << fractions;
  }
  EXPECT_THAT(cells(expand(kExample, {"sweep.seeds=2"}).sweep), ElementsAre("seed=0", "seed=1"));
  EXPECT_THAT(cells(expand(kExample, {"sweep.grid.regularizers=[[], [clamp]]"}).sweep),
              ElementsAre("'regularizers=[]'", "'regularizers=[clamp]'"));
}

TEST(SweepOverrides, ReplaceTheAxisOfTheirSetting) {
  constexpr const char* kSection = "{grid: {operation: [add], model.layers: [1, 2]}, seeds: 3}";
  EXPECT_THAT(cells(sweep(kSection, {"operation.name=[add]", "seed=7,8", "model.layers=3,"})),
              ElementsAre("operation.name=add model.layers=3 seed=7",
                          "operation.name=add model.layers=3 seed=8"));
  EXPECT_THAT(cells(sweep("{grid: {seed: [7, 8]}}", {"sweep.seeds=1"})), ElementsAre("seed=0"));
}

TEST(SweepOverrides, OfOneValueTakeThePlaceOfAnAxis) {
  constexpr const char* kSection = "{grid: {operation: [add], model.layers: [1, 2]}, seeds: 3}";
  const auto swept = sweep(kSection, {"operation.name=add", "seed=7"});
  EXPECT_THAT(cells(swept), ElementsAre("model.layers=1", "model.layers=2"));
  EXPECT_EQ(swept.cells[0].experiment.seeds().batches, 7U);
  EXPECT_THAT(cells(sweep(kSection, {"seed=7", "model.layers=1", "model.layers=1,3"})),
              ElementsAre("operation=add model.layers=1", "operation=add model.layers=3"));
}

TEST(SweepOverrides, MayLeaveAnExcludedValueOut) {
  EXPECT_THAT(cells(sweep("{grid: {model.layers: [1, 2]}, seeds: 2, exclude: [{model.layers: 2, "
                          "seed: 1}]}",
                          {"model.layers=2"})),
              ElementsAre("seed=0"));
}

TEST(SweepOverrides, MaySweepNothing) {
  const auto swept = sweep("{grid: {model.layers: [1, 2]}, zip: [{seed: [1]}]}",
                           {"sweep=", "model.layers=2", "seed=5"});
  EXPECT_THAT(cells(swept), ElementsAre(""));
  EXPECT_EQ(swept.cells[0].experiment.seeds().noise, 5U);
}

TEST(SweepOverrides, LeaveListsAndTextsAlone) {
  EXPECT_THAT(cells(expand(kExample, {"regularizers=[clamp]", "probes=[norms, norms]",
                                      "claim=One, two, three", "probes.0.label='a,b'"})
                        .sweep),
              ElementsAre(""));
  EXPECT_EQ(expand(kExample, {"experiment=[a]"}).problems,
            "command line: experiment: expected text, found a list");
  EXPECT_EQ(expand(kExample, {"model={name: [net]}"}).problems,
            "command line: model.name: expected the name of a model plugin");
}

TEST(SweepOverrides, RefuseWhatHasNoEffect) {
  EXPECT_EQ(problems_of("{seeds: 2, zip: [{optimizer: [adam, descent]}]}",
                        {"seed.init=3", "optimizer.name=adam"}),
            "command line: optimizer.name: has no effect, because optimizer is swept "
            "(spec.yaml:6:26); sweep= sweeps nothing\n"
            "command line: seed.init: has no effect, because seed is swept (spec.yaml:6:9); sweep= "
            "sweeps nothing");
}

TEST(Overrides, OfAPathWithMoreLevelsThanASpecAreRefusedInALine) {
  std::string path = "model";
  for (int i = 0; i < 100'000; ++i) path += ".a";
  for (const auto& text : {path + "=1", "sweep.grid." + path + "=[1]"}) {
    const auto problems = expand(kExample, {text}).problems;
    EXPECT_THAT(problems, StartsWith("command line: '" + text.substr(0, 200) + "…' is not"));
    EXPECT_LT(problems.size(), 400U);
  }
}

TEST(SweepOverrides, AreRefusedWithTheirPlace) {
  EXPECT_EQ(expand(kExample, {"model.layers=1,x", "model.layrs=1,2", "seed=[]"}).problems,
            "command line: sweep.grid.seed: an empty list; give at least one value, or leave out "
            "the axis\n"
            "command line: model.layrs: unknown parameter of net; did you mean 'layers'?\n"
            "command line: model.layers: expected integer ≥ 1, found 'x'");
  EXPECT_EQ(expand(kExample, {"data.train_fraction=range(0.2,0.8)"}).problems,
            "command line: 'range(0.2,0.8)' is not range(from, to, step)");
  EXPECT_EQ(expand(kExample, {"data.train_fraction=range(0.2,0.8,-1)"}).problems,
            "command line: sweep.grid.data.train_fraction.step: expected a step that leads from "
            "0.2 to 0.8, found '-1'");
}

}  // namespace
}  // namespace groklab
