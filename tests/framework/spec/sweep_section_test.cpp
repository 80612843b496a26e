#include "spec/sweep_section.h"

#include "framework/spec/example_sweeps.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using test::cells;
using test::problems_of;
using test::sweep;
using testing::ElementsAre;

TEST(Sweep, RefusesUnknownKeysAndOtherShapes) {
  EXPECT_EQ(problems_of("{gird: {seed: [1]}, seed: 3}"),
            "spec.yaml:6:9: sweep.gird: unknown key; did you mean 'grid'?\n"
            "spec.yaml:6:28: sweep.seed: unknown key; did you mean 'seeds'?");
  EXPECT_EQ(problems_of("[seed]"), "spec.yaml:6:8: sweep: expected a map of keys, found a list");
  EXPECT_EQ(problems_of("{grid: [seed]}"),
            "spec.yaml:6:15: sweep.grid: expected a map of keys, found a list");
  EXPECT_EQ(problems_of("{seeds: 0}"),
            "spec.yaml:6:16: sweep.seeds: expected an integer in [1, 100000], found '0'");
}

TEST(Sweep, RefusesAnAxisThatIsNone) {
  EXPECT_EQ(problems_of("{grid: {seed: 5, a..b: [1], model.layers: []}}"),
            "spec.yaml:6:22: sweep.grid.seed: expected a list of values, {from, to, step} or "
            "{from, to, points, scale}, found '5'\n"
            "spec.yaml:6:25: sweep.grid.a..b: not a path, such as optimizer.learning_rate\n"
            "spec.yaml:6:50: sweep.grid.model.layers: an empty list; give at least one value, or "
            "leave out the axis");
}

TEST(Sweep, RefusesToVaryWhatAllCellsShare) {
  for (const auto* key : {"experiment", "claim", "extends", "plugins", "sweep.seeds"}) {
    EXPECT_EQ(
        problems_of(fmt::format("{{grid: {{{}: [a, b]}}}}", key)),
        fmt::format("spec.yaml:6:16: sweep.grid.{}: is the same for all cells of a sweep", key));
  }
}

TEST(Sweep, RefusesTwoAxesForOneSetting) {
  EXPECT_EQ(problems_of("{grid: {optimizer: [adam], seed: [1]}, zip: [{optimizer.name: "
                        "[descent]}], seeds: 2}"),
            "spec.yaml:6:54: optimizer.name: is swept twice; spec.yaml:6:16 does it too\n"
            "spec.yaml:6:83: seed: is swept twice; spec.yaml:6:35 does it too");
}

TEST(Zip, WalksListsTogether) {
  const auto swept = sweep(
      "{grid: {seed: [0, 1]}, zip: [{model.layers: [1, 2], operation.modulus: {from: 5, to: 7, "
      "step: 2}}]}");
  EXPECT_THAT(swept.keys, ElementsAre("seed", "model.layers", "operation.modulus"));
  EXPECT_THAT(cells(swept), ElementsAre("seed=0 model.layers=1 operation.modulus=5",
                                        "seed=0 model.layers=2 operation.modulus=7",
                                        "seed=1 model.layers=1 operation.modulus=5",
                                        "seed=1 model.layers=2 operation.modulus=7"));
  EXPECT_EQ(swept.cells[3].experiment.model.integer("layers"), 2);
}

TEST(Zip, OfSeveralMapsIsEveryCombinationOfTheirRows) {
  EXPECT_THAT(cells(sweep("{zip: [{model.layers: [1, 2], seed: [3, 4]}, {training.steps: [5, 6]}], "
                          "grid: {}}")),
              ElementsAre("model.layers=1 seed=3 training.steps=5",
                          "model.layers=1 seed=3 training.steps=6",
                          "model.layers=2 seed=4 training.steps=5",
                          "model.layers=2 seed=4 training.steps=6"));
}

TEST(Zip, RefusesListsOfDifferentLengths) {
  EXPECT_EQ(problems_of("{zip: [{model.layers: [1, 2], seed: [3, 4, 5]}]}"),
            "spec.yaml:6:38: sweep.zip.0.seed: 3 values, but model.layers has 2; lists walked "
            "together are of one length");
}

TEST(Zip, RefusesWhatIsNoListOfMaps) {
  EXPECT_EQ(problems_of("{zip: {seed: [1]}}"),
            "spec.yaml:6:14: sweep.zip: expected a list, found a map of keys");
  EXPECT_EQ(problems_of("{zip: [[seed], {}]}"),
            "spec.yaml:6:15: sweep.zip.0: expected a map of paths with lists of one length, found "
            "a list\n"
            "spec.yaml:6:23: sweep.zip.1: expected a map of paths with lists of one length, found "
            "an empty map");
}

TEST(Exclude, LeavesOutTheCellsThatMatchAllOfAMap) {
  EXPECT_THAT(
      cells(sweep("{grid: {model.layers: [1, 2, 3], seed: [0, 1]}, exclude: "
                  "[{model.layers: 2, seed: 1}, {model.layers: [3, 1], seed: [0]}]}")),
      ElementsAre("model.layers=1 seed=1", "model.layers=2 seed=0", "model.layers=3 seed=1"));
}

TEST(Exclude, KnowsANumberHoweverItIsWrittenAndAPluginByItsShortForm) {
  EXPECT_THAT(cells(sweep("{grid: {data.train_fraction: {from: 0.1, to: 0.4, step: 0.1}, "
                          "optimizer.name: [adam, descent]}, exclude: [{data.train_fraction: "
                          "[3e-1, 0.10], optimizer: adam}, {optimizer: {name: descent}, "
                          "data.train_fraction: [0.2, 0.4]}]}")),
              ElementsAre("data.train_fraction=0.1 optimizer.name=descent",
                          "data.train_fraction=0.2 optimizer.name=adam",
                          "data.train_fraction=0.3 optimizer.name=descent",
                          "data.train_fraction=0.4 optimizer.name=adam"));
}

TEST(Exclude, KnowsListsAndTheirItems) {
  EXPECT_THAT(cells(sweep("{grid: {regularizers: [[], [clamp], [clamp, clamp]], seed: [1, 2]}, "
                          "exclude: [{regularizers: [[]]}, {regularizers.1.name: clamp, seed: 2}, "
                          "{regularizers.0.name: noise}]}")),
              ElementsAre("'regularizers=[clamp]' seed=1", "'regularizers=[clamp]' seed=2",
                          "'regularizers=[clamp, clamp]' seed=1"));
}

TEST(Exclude, SparesCombinationsThatAreNotPossible) {
  EXPECT_THAT(cells(sweep("{grid: {optimizer.name: [adam, descent], optimizer.beta1: [0.9]}, "
                          "exclude: [{optimizer.name: descent}]}")),
              ElementsAre("optimizer.name=adam optimizer.beta1=0.9"));
}

TEST(Exclude, RefusesWhatNoCellHas) {
  EXPECT_EQ(problems_of("{grid: {seed: [1, 2]}, exclude: [{sed: 1}, {model.layers: 2}]}"),
            "spec.yaml:6:42: sweep.exclude.0.sed: neither swept nor set in this spec; did you mean "
            "'seed'?\n"
            "spec.yaml:6:52: sweep.exclude.1.model.layers: neither swept nor set in this spec; "
            "known: seed");
  EXPECT_EQ(problems_of("{grid: {seed: [1, 2]}, exclude: [{}, seed]}"),
            "spec.yaml:6:41: sweep.exclude.0: expected a map of paths with a value or a list of "
            "values each, found an empty map\n"
            "spec.yaml:6:45: sweep.exclude.1: expected a map of paths with a value or a list of "
            "values each, found 'seed'");
}

TEST(Exclude, MayNotLeaveOutEverything) {
  EXPECT_EQ(problems_of("{grid: {seed: [1, 2]}, exclude: [{seed: [1, 2, 3]}]}"),
            "spec.yaml:6:1: sweep: exclude leaves out every cell");
}

}  // namespace
}  // namespace groklab
