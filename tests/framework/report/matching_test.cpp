#include "report/matching.h"

#include "support/small_study.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

// Runs of two fractions and two seeds each.
void add_fractions(test::SmallStudy& study) {
  for (const auto* fraction : {"0.3", "0.5"}) {
    for (const auto* seed : {"0", "1"}) {
      study.add_cell({{"data.train_fraction", fraction}, {"seed", seed}}, test::grokking(10, 1000));
    }
  }
}

void add_seeds(test::SmallStudy& study, const std::vector<const char*>& seeds) {
  for (const auto* seed : seeds) study.add_cell({{"seed", seed}}, test::grokking(10, 1000));
}

TEST(Matching, PairsRunsWithTheSameValuesInTheBasesOrder) {
  test::SmallStudy a, b;
  add_seeds(a, {"2", "0", "1"});
  add_seeds(b, {"0", "1", "3", "2"});
  const auto base = a.read(), other = b.read();
  const auto matching = match_cells(base, other);
  EXPECT_THAT(matching.keys, ElementsAre("seed"));
  std::vector<std::size_t> there, here;
  for (const auto& pair : matching.pairs) {
    there.push_back(pair.base->index);
    here.push_back(pair.other->index);
  }
  EXPECT_THAT(there, ElementsAre(0, 1, 2));
  EXPECT_THAT(here, ElementsAre(3, 0, 1));
  EXPECT_EQ(matching.base_alone, 0U);
  EXPECT_EQ(matching.other_alone, 1U);
  EXPECT_THAT(matching.differences, IsEmpty());
}

TEST(Matching, AKeyThatOneSideDoesNotSweepHasItsFixedValueThere) {
  test::SmallStudy a, b;
  add_fractions(a);
  b.set("data.train_fraction", "0.5");
  add_seeds(b, {"0", "1"});
  const auto base = a.read(), other = b.read();
  const auto matching = match_cells(base, other);
  EXPECT_THAT(matching.keys, ElementsAre("data.train_fraction", "seed"));
  ASSERT_THAT(matching.pairs, SizeIs(2));
  EXPECT_EQ(base.setting(*matching.pairs[0].base, "data.train_fraction"), "0.5");
  EXPECT_EQ(matching.base_alone, 2U);
  EXPECT_EQ(match_cells(other, base).other_alone, 2U);
}

TEST(Matching, OneSeedIsThatOfEveryPurpose) {
  test::SmallStudy all, purpose, single;
  add_seeds(all, {"0", "1"});
  for (const auto* other : {"seed.split", "seed.batches", "seed.noise"}) purpose.set(other, "1");
  for (const auto* seed : {"0", "1"}) {
    purpose.add_cell({{"seed.init", seed}}, test::grokking(10, 1000));
  }
  for (const auto* each : {"seed.split", "seed.init", "seed.batches", "seed.noise"}) {
    single.set(each, "1");
  }
  single.add_cell({}, test::grokking(10, 1000));
  const auto base = all.read(), by_purpose = purpose.read(), alone = single.read();
  const auto matching = match_cells(base, by_purpose);
  EXPECT_THAT(matching.keys, ElementsAre("seed.init", "seed.split", "seed.batches", "seed.noise"));
  ASSERT_THAT(matching.pairs, SizeIs(1));
  EXPECT_EQ(matching.pairs[0].base->index, 1U);
  EXPECT_EQ(matching.pairs[0].other->index, 1U);
  EXPECT_EQ(match_cells(base, alone).pairs.at(0).base->index, 1U);
}

TEST(Matching, DifferencesAreThoseOfThePairsInWhatDecidesNumbers) {
  test::SmallStudy a, b("another name");
  a.set("optimizer.weight_decay", "0.0");
  b.set("optimizer.weight_decay", "1.0");
  a.set("device", "cpu");
  b.set("device", "cuda");
  a.set("checkpoint.every", "10");
  b.set("checkpoint.every", "20");
  a.set("operation.file", "/here/table.csv");
  b.set("operation.file", "/there/table.csv");
  for (auto* study : {&a, &b}) study->set("operation.file.sha256", "1234");
  b.set("model.dropout", "0.1");
  add_fractions(a);
  add_fractions(b);
  const auto base = a.read(), other = b.read();
  const auto differences = match_cells(base, other).differences;
  ASSERT_THAT(differences, SizeIs(2));
  EXPECT_EQ(differences[0].path, "model.dropout");
  EXPECT_THAT(differences[0].base, ElementsAre(""));
  EXPECT_THAT(differences[0].other, ElementsAre("0.1"));
  EXPECT_EQ(differences[1].path, "optimizer.weight_decay");
  EXPECT_THAT(differences[1].base, ElementsAre("0.0"));
  EXPECT_THAT(differences[1].other, ElementsAre("1.0"));
}

TEST(Matching, RunsWithoutAResultAreLeftOutAndCounted) {
  test::SmallStudy a, b;
  add_seeds(a, {"0", "1", "2", "3"});
  b.add_cell({{"seed", "0"}}, test::grokking(10, 1000), "interrupted");
  b.add_cell({{"seed", "1"}}, test::grokking(10, 1000), "diverged");
  b.add_cell({{"seed", "2"}}, {}, "waiting");
  b.add_cell({{"seed", "3"}}, test::grokking(10, 1000), "failed");
  const auto base = a.read(), other = b.read();
  const auto matching = match_cells(base, other);
  EXPECT_EQ(matching.pairs.size(), 1U);
  EXPECT_EQ(matching.without_result, 3U);
}

TEST(Matching, RefusesFoldersThatHaveNothingInCommonWithTheirKeys) {
  test::SmallStudy a, b;
  add_fractions(a);
  b.set("data.train_fraction", "0.7");
  add_seeds(b, {"0", "4"});
  const auto base = a.read(), other = b.read();
  EXPECT_THAT([&] { match_cells(base, other); },
              ThrowsMessage<Error>(AllOf(HasSubstr("no run of " + b.path().string()),
                                         HasSubstr("data.train_fraction: 0.3, 0.5 | 0.7"),
                                         HasSubstr("seed: 0, 1 | 0, 4"))));
}

TEST(Matching, RefusesRunsThatTheKeysDoNotTellApart) {
  test::SmallStudy a, b;
  add_seeds(a, {"0", "1"});
  add_seeds(b, {"0", "0", "1"});
  const auto base = a.read(), other = b.read();
  EXPECT_THAT([&] { match_cells(base, other); },
              ThrowsMessage<Error>(AllOf(HasSubstr(b.path().string() + " has 2 runs with seed=0"),
                                         HasSubstr("cell0 and cell1"))));
  EXPECT_THAT([&] { match_cells(other, base); }, ThrowsMessage<Error>(HasSubstr("seed=0")));
}

}  // namespace
}  // namespace groklab
