#include "spec/sweep.h"

#include "framework/spec/example_sweeps.h"

#include <gmock/gmock.h>

#include <chrono>
#include <ctime>
#include <functional>

namespace groklab {
namespace {

using test::cells;
using test::expand;
using test::kExample;
using test::problems_of;
using test::sweep;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST(Sweep, OfASpecWithoutOneIsOneCell) {
  for (const auto* text : {"", "sweep:\n", "sweep: {grid: {}, zip: [], exclude: []}\n",
                           "sweep: {grid:, zip:, exclude: }\n"}) {
    const auto [sweep, problems] = expand(kExample + std::string(text));
    EXPECT_EQ(problems, "");
    EXPECT_THAT(sweep.keys, IsEmpty());
    ASSERT_THAT(sweep.cells, SizeIs(1));
    EXPECT_THAT(sweep.cells[0].coordinates, IsEmpty());
    EXPECT_EQ(sweep.cells[0].experiment.identity(), test::read_example(kExample).identity());
  }
}

TEST(Sweep, IsEveryCombinationWithTheLastAxisFastest) {
  const auto swept = sweep("{grid: {operation.modulus: [5, 7], data.train_fraction: [0.3, 0.5]}}");
  EXPECT_THAT(swept.keys, ElementsAre("operation.modulus", "data.train_fraction"));
  EXPECT_THAT(cells(swept), ElementsAre("operation.modulus=5 data.train_fraction=0.3",
                                        "operation.modulus=5 data.train_fraction=0.5",
                                        "operation.modulus=7 data.train_fraction=0.3",
                                        "operation.modulus=7 data.train_fraction=0.5"));
  EXPECT_THAT(swept.cells[2].coordinates,
              ElementsAre(Pair("operation.modulus", "7"), Pair("data.train_fraction", "0.3")));
  EXPECT_EQ(swept.cells[2].experiment.operation.integer("modulus"), 7);
  EXPECT_EQ(swept.cells[2].experiment.data.real("train_fraction"), 0.3);
  EXPECT_EQ(swept.cells[2].experiment.optimizer.real("beta1"), 0.8);
}

TEST(SweepVariants, AreNamedSetsOfSettings) {
  const auto swept = sweep(
      "{variants: {plain: {}, wide: {model.layers: 3, optimizer: descent}, "
      "clamped: {regularizers: [clamp]}}, seeds: 2}");
  EXPECT_THAT(swept.keys, ElementsAre("variant", "seed"));
  EXPECT_THAT(cells(swept), ElementsAre("variant=plain seed=0", "variant=plain seed=1",
                                        "variant=wide seed=0", "variant=wide seed=1",
                                        "variant=clamped seed=0", "variant=clamped seed=1"));
  EXPECT_EQ(swept.cells[0].experiment.identity(), test::read_example(kExample).identity());
  EXPECT_EQ(swept.cells[3].experiment.model.integer("layers"), 3);
  EXPECT_EQ(swept.cells[3].experiment.optimizer.plugin, "descent");
  EXPECT_EQ(swept.cells[3].experiment.seeds().init, 1U);
  EXPECT_THAT(swept.cells[4].experiment.regularizers, SizeIs(1));
  EXPECT_EQ(swept.cells[4].experiment.optimizer.plugin, "adam");
}

TEST(SweepVariants, AreChosenOnTheCommandLine) {
  constexpr const char* kSection =
      "{variants: {a: {model.layers: 3}, b: {}, c: {model.bias: true}}}";
  EXPECT_THAT(cells(sweep(kSection, {"variant=a,c"})), ElementsAre("variant=a", "variant=c"));
  const auto one = sweep(kSection, {"model.layers=4", "variant=a"});
  EXPECT_THAT(one.keys, IsEmpty());
  EXPECT_EQ(one.cells[0].experiment.model.integer("layers"), 4);
  EXPECT_EQ(sweep(kSection, {"sweep=", "variant=a"}).cells[0].experiment.model.integer("layers"),
            3);
  EXPECT_THAT(expand(kExample + std::string("sweep: ") + kSection + "\n", {"variant=d"}).problems,
              HasSubstr("command line: variant: there is no variant 'd'"));
}

TEST(SweepVariants, AreSetInOneOrderInTheSweepAndAlone) {
  constexpr const char* kSection = "{variants: {a: {seed.init: 3, seed: 1}, b: {}}}";
  for (const auto& overrides : {std::vector<std::string>{}, {"variant=a"}}) {
    const auto seeds = sweep(kSection, overrides).cells[0].experiment.seeds();
    EXPECT_EQ(seeds.init, 3U);
    EXPECT_EQ(seeds.split, 1U);
  }
}

TEST(SweepVariants, MayBeLeftOutAndExcluded) {
  EXPECT_THAT(cells(sweep("{variants: {a: {}, b: , c: {model.layers: 3}}}")),
              ElementsAre("variant=a", "variant=c"));
  EXPECT_THAT(cells(sweep("{variants: {a: {}, c: {model.layers: 3}}, seeds: 2, "
                          "exclude: [{variant: a, seed: 1}]}")),
              ElementsAre("variant=a seed=0", "variant=c seed=0", "variant=c seed=1"));
  EXPECT_THAT(problems_of("{variants: {a: {}, b: }}", {"variant=b"}),
              HasSubstr("there is no variant 'b'"));
  EXPECT_THAT(problems_of("{variants: {a: {}}}", {"variant="}), HasSubstr("There are: a"));
}

TEST(SweepVariants, RefuseAnOverrideThatAllOfThemReplace) {
  constexpr const char* kSection = "{variants: {a: {model.layers: 3}, b: {model.layers: 4}}}";
  EXPECT_THAT(problems_of(kSection, {"model.layers=5"}),
              HasSubstr("model.layers: has no effect, because every variant sets it"));
  EXPECT_EQ(problems_of("{variants: {a: {model.layers: 3}, b: {}}}", {"model.layers=5"}), "");
}

TEST(SweepVariants, AreReportedWithEveryMistake) {
  const auto problems = problems_of(
      "{variants: {a: {claim: x, model.layers: many}, b: 3, c d: {model.bias: true}}, "
      "grid: {model.layers: [1, 2]}}");
  EXPECT_THAT(problems, HasSubstr("sweep.variants.a.claim: is the same for all cells of a sweep"));
  EXPECT_THAT(problems, HasSubstr("sweep.variants.b: expected a map of keys, found"));
  EXPECT_THAT(problems, HasSubstr("sweep.variants.c d: a variant's name is of letters"));
  EXPECT_THAT(problems, HasSubstr("model.layers: is swept twice"));
  EXPECT_THAT(problems, HasSubstr("model.layers: expected integer ≥ 1, found 'many'"));
}

TEST(Sweep, SetsWhatTheCommandLineSetsInTheSameWay) {
  for (const auto& [path, values] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"precision", {"float32", "float64"}},
           {"operation.modulus", {"1e1", "11"}},
           {"optimizer", {"descent", "adam", "{name: descent, momentum: 0.5}", "{beta1: 0.1}"}},
           {"optimizer.name", {"descent", "adam"}},
           {"model.bias", {"true", "false"}},
           {"seed", {"0", "7", "{init: 3}"}},
           {"seed.init", {"0", "7"}},
           {"training.batch_size", {"paper", "full", "12"}},
           {"data", {"{train_fraction: 0.4}", "{train_fraction: 0.6}"}},
           {"regularizers", {"[]", "[clamp]", "[clamp, {name: noise, strength: 2}]"}},
           {"probes", {"[norms]", "[]"}}}) {
    const auto list = fmt::format("[{}]", fmt::join(values, ", "));
    const auto swept = sweep("{grid: {" + path + ": " + list + "}}");
    ASSERT_THAT(swept.cells, SizeIs(values.size())) << path;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto alone = test::read_example(kExample, {path + "=" + values[i]});
      EXPECT_EQ(swept.cells[i].experiment.identity(), alone.identity()) << path << values[i];
      EXPECT_EQ(swept.cells[i].experiment.notes.size(), alone.notes.size()) << path << values[i];
    }
  }
}

TEST(Sweep, ReachesThePluginsOfAList) {
  const std::string spec = kExample + std::string("regularizers: [{name: noise, strength: 1}]\n");
  const auto [swept, problems] =
      expand(spec + "sweep: {grid: {regularizers.0.strength: [0.1, 0.2]}}\n");
  EXPECT_EQ(problems, "");
  ASSERT_THAT(swept.cells, SizeIs(2));
  EXPECT_EQ(swept.cells[1].experiment.regularizers.at(0).real("strength"), 0.2);
  const auto [other, none] = expand(spec + "sweep: {grid: {regularizers.0: [clamp]}}\n");
  EXPECT_EQ(none, "");
  ASSERT_THAT(other.cells, SizeIs(1));
  EXPECT_EQ(other.cells[0].experiment.regularizers.at(0).plugin, "clamp");
}

TEST(Sweep, SetsAllSeedsByOneNumber) {
  const auto swept = sweep("{grid: {seed: {from: 3, to: 4, step: 1}}}");
  ASSERT_THAT(swept.cells, SizeIs(2));
  const auto seeds = swept.cells[1].experiment.seeds();
  EXPECT_THAT((std::vector{seeds.split, seeds.init, seeds.batches, seeds.noise}),
              ElementsAre(4U, 4U, 4U, 4U));
}

TEST(Sweep, CountsSeedsFromZeroAsTheLastAxis) {
  EXPECT_THAT(cells(sweep("{seeds: 2, grid: {model.layers: [1, 2]}}")),
              ElementsAre("model.layers=1 seed=0", "model.layers=1 seed=1", "model.layers=2 seed=0",
                          "model.layers=2 seed=1"));
}

TEST(Sweep, NamesPluginsBeforeTheirParametersWhateverTheOrder) {
  const auto swept = sweep("{grid: {optimizer.momentum: [0.1, 0.2], optimizer.name: [descent]}}");
  EXPECT_THAT(cells(swept), ElementsAre("optimizer.momentum=0.1 optimizer.name=descent",
                                        "optimizer.momentum=0.2 optimizer.name=descent"));
  EXPECT_EQ(swept.cells[1].experiment.optimizer.real("momentum"), 0.2);
}

TEST(Sweep, SetsWholesBeforeTheirPartsWhateverTheOrder) {
  const auto swept = sweep("{grid: {seed.init: [7, 8], seed: [1, 2]}}");
  ASSERT_THAT(swept.cells, SizeIs(4));
  const auto seeds = swept.cells[3].experiment.seeds();
  EXPECT_EQ(seeds.init, 8U);
  EXPECT_EQ(seeds.split, 2U);
}

TEST(Sweep, MaySetWhatTheSpecItselfDoesNot) {
  const auto [swept, problems] = expand(
      "experiment: demo\nmodel: net\nloss: entropy\n"
      "sweep: {grid: {operation: [add], optimizer.name: [adam, descent]}}\n");
  EXPECT_EQ(problems, "");
  EXPECT_THAT(cells(swept), ElementsAre("operation=add optimizer.name=adam",
                                        "operation=add optimizer.name=descent"));
}

TEST(Sweep, SaysWhereEachValueStands) {
  const auto swept = sweep("\n  grid:\n    model.layers: [1,\n      2]\n  seeds: 2");
  ASSERT_THAT(swept.cells, SizeIs(4));
  const auto& layers = swept.cells[2].experiment.model.at("layers");
  EXPECT_THAT(layers.mark.text(), testing::EndsWith("spec.yaml:9:7"));
  EXPECT_THAT(layers.origin, testing::EndsWith("spec.yaml:9"));
  EXPECT_THAT(swept.cells[2].experiment.seed.at("init").origin, testing::EndsWith("spec.yaml:10"));
}

TEST(Sweep, ReportsTheMistakesOfAllCellsEachOnce) {
  EXPECT_EQ(
      expand("experiment: demo\n"                        // 1
             "operation: add\n"                          // 2
             "model: {name: net, widht: 5}\n"            // 3
             "loss: entropy\n"                           // 4
             "sweep:\n"                                  // 5
             "  grid:\n"                                 // 6
             "    optimizer.name: [adam, adm]\n"         // 7
             "    data.train_fraction: [0.5, 50, 60]\n"  // 8
             "    optimizer.betta1: [0.1, 0.2, 0.3]\n"   // 9
             "    trainig.steps: [1, 2]\n"               // 10
             "    probes.0.label: [a]\n"                 // 11
             "    model.layers: [[1], {a: 1}, 2]\n"      // 12
             "  seds: 1\n")                              // 13
          .problems,
      "spec.yaml:3:20: model.widht: unknown parameter of net; known: layers, positions, bias\n"
      "spec.yaml:7:28: optimizer.name: there is no optimizer 'adm'\n"
      "spec.yaml:8:32: data.train_fraction: expected real in (0, 1), found '50'\n"
      "spec.yaml:8:36: data.train_fraction: expected real in (0, 1), found '60'\n"
      "spec.yaml:9:5: optimizer.betta1: unknown parameter of adam; did you mean 'beta1'?\n"
      "spec.yaml:10:5: trainig: unknown key; did you mean 'training'?\n"
      "spec.yaml:11:5: probes: expected a list, found a map of keys\n"
      "spec.yaml:12:20: model.layers: expected integer ≥ 1, found a list\n"
      "spec.yaml:12:25: model.layers: expected integer ≥ 1, found a map of keys\n"
      "spec.yaml:13:3: sweep.seds: unknown key; did you mean 'seeds'?");
}

TEST(Sweep, NamesAnIndexThatIsNotThere) {
  EXPECT_EQ(
      problems_of("{grid: {regularizers.1.strength: [1, 2], regularizers: [[clamp]]}}"),
      "spec.yaml:6:16: regularizers.1.strength: there is no item '1': regularizers has the item "
      "0 alone; to add one, write the whole list, regularizers=[…]");
}

TEST(Sweep, RefusesTwoCellsThatAreTheSame) {
  EXPECT_EQ(problems_of("{grid: {model.layers: [2, 2e0], seed: [1]}}"),
            "spec.yaml:6:1: sweep: these cells are the same experiment: (model.layers=2 seed=1) "
            "and (model.layers=2e0 seed=1); remove one of the values, or leave a cell out by "
            "exclude");
  EXPECT_EQ(problems_of("{grid: {checkpoint.every: [5, 6, 7]}, seeds: 2}"),
            "spec.yaml:6:1: sweep: these cells are the same experiment: (checkpoint.every=5 "
            "seed=0) and (checkpoint.every=6 seed=0), and 3 more; remove one of the values, or "
            "leave a cell out by exclude");
}

TEST(Sweep, RefusesMoreThan100000Cells) {
  EXPECT_EQ(problems_of("{grid: {training.steps: {from: 1, to: 1001, step: 1}}, seeds: 100}"),
            "spec.yaml:6:1: sweep: 100100 cells; at most 100000 are possible, those that are "
            "excluded counted");
}

TEST(Sweep, InheritsAxesAndReplacesThemWhole) {
  const test::TemporaryFolder folder;
  folder.write("base.yaml", kExample + std::string(R"(sweep:
  grid:
    operation: [add]
    data.train_fraction: {from: 0.2, to: 0.8, step: 0.1}
    model.layers: [1]
  seeds: 5
)"));
  const auto file = folder.write("spec.yaml", R"(extends: base.yaml
sweep:
  grid:
    seed: [7]
    data.train_fraction: {from: 0.2, to: 0.8, points: 2}
    operation.name: [add]
)");
  Problems problems;
  const auto swept = expand_sweep(load_spec(file, {}), test::example_schema, problems);
  EXPECT_EQ(problems.text(), "");
  EXPECT_THAT(cells(swept),
              ElementsAre("operation.name=add data.train_fraction=0.2 model.layers=1 seed=7",
                          "operation.name=add data.train_fraction=0.8 model.layers=1 seed=7"));
}

TEST(SweepText, QuotesWhatAShellWouldReadOtherwise) {
  EXPECT_EQ(to_text({{"seed", "0"}, {"optimizer", "{name: adam}"}, {"a.b", "-1.5e+3"}}),
            "seed=0 'optimizer={name: adam}' a.b=-1.5e+3");
  EXPECT_EQ(to_text({{"operation.file", "'; touch X; '"}}),
            R"('operation.file='\''; touch X; '\''')");
}

TEST(Sweep, HasTheNotesOfAllItsCellsOnce) {
  const auto [swept, problems] = expand(kExample, {"optimizer.name=adam,descent", "seed=0,1"});
  ASSERT_EQ(problems, "");
  EXPECT_EQ(notes_of(swept), swept.cells.back().experiment.notes);
}

// An exclusion is looked up by the value of a place, however a number is written there.
TEST(Sweep, LeavesOutByEachOfManyExclusions) {
  std::string exclude;
  for (int seed = 0; seed < 2000; ++seed) {
    if (seed != 7) exclude += fmt::format("{{model.layers: 1, seed: {}.0}}, ", seed);
  }
  EXPECT_THAT(cells(sweep("{grid: {model.layers: [1]}, seeds: 2001, exclude: [" + exclude + "]}")),
              ElementsAre("model.layers=1 seed=7", "model.layers=1 seed=2000"));
}

// Of the processor, which other programs do not change.
double seconds_of(const std::function<void()>& action) {
  const auto begin = std::clock();
  action();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// Work that grows with the square of such a spec takes 7 to 30 s.
TEST(Sweep, OfAHostileSpecIsRefusedInTheTimeThatItTakesToReadIt) {
  std::string keys, excluded, axes;
  for (int i = 0; i < 49'000; ++i) keys += fmt::format("key{}: 1\n", i);
  for (int i = 0; i < 20'000; ++i) excluded += fmt::format("{{seed: {}}}, ", i + 5);
  for (int i = 0; i < 20'000; ++i) axes += fmt::format("a.b{}: [1], ", i);
  const auto seconds = seconds_of([&] {
    const auto unknown = expand(kExample + keys, {"seed=0,1,2"}).problems;
    EXPECT_THAT(unknown, HasSubstr("key99: unknown key"));
    EXPECT_THAT(unknown, HasSubstr("and 48900 more mistakes"));
    EXPECT_THAT(cells(sweep("{seeds: 10000, exclude: [" + excluded + "]}")), SizeIs(5));
    EXPECT_THAT(problems_of("{grid: {" + axes + "}}"), HasSubstr("unknown key"));
    EXPECT_THAT(problems_of("{grid: {" + axes + "}, seeds: 10000}"),
                HasSubstr("values are possible in all"));
  });
#ifdef NDEBUG  // about 3 s in all
  EXPECT_LT(seconds, 8.0);
#endif
}

// They are to be there before a person wonders, on a busy machine too.
TEST(Sweep, Of10000CellsTakesLessThanTwoSeconds) {
  const auto begin = std::chrono::steady_clock::now();
  const auto swept = sweep(
      "{grid: {data.train_fraction: {from: 0.1, to: 0.9, points: 10}, optimizer.learning_rate: "
      "{from: 1e-4, to: 1e-2, points: 10, scale: log}, optimizer.name: [adam, descent]}, seeds: "
      "50}");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_THAT(swept.cells, SizeIs(10'000));
#ifdef NDEBUG  // an optimised build: 0.3 s on two shared cores
  EXPECT_LT(seconds.count(), 2.0);
#endif
}

}  // namespace
}  // namespace groklab
