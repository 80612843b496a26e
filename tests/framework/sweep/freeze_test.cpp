#include "sweep/freeze.h"

#include "framework/sweep/frozen_sweep.h"
#include "sweep/frozen_cell.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using testing::ThrowsMessage;

using Texts = std::vector<std::string>;

class Freeze : public test::FrozenSweep {
 protected:
  static std::vector<Texts> coordinates(const SweepPlan& plan) {
    std::vector<Texts> all;
    for (const auto& cell : plan.cells) all.push_back(cell.coordinates);
    return all;
  }

  static std::map<std::string, std::vector<std::size_t>> packs(const SweepPlan& plan) {
    std::map<std::string, std::vector<std::size_t>> all;
    for (const auto& pack : plan.packs) all[pack.name] = pack.cells;
    return all;
  }

  FrozenCell load(const SweepPlan& plan, std::size_t cell) const {
    return load_frozen_cell(sweep_, plan.cells[cell].id, catalog_of(sweep_, plan));
  }
};

TEST_F(Freeze, WritesAPlanAndASpecForEveryCellThatReadsBackAsItself) {
  const auto plan = freeze({"sweep.seeds=3", "sweep.grid.model.width=[16, 8]"}, 2);
  EXPECT_THAT(plan.keys, ElementsAre("model.width", "seed"));
  EXPECT_THAT(plan.cells, SizeIs(6));
  EXPECT_THAT(plan.cells.back().coordinates, ElementsAre("8", "2"));
  EXPECT_EQ(plan.cells.back().steps, 20);
  ASSERT_THAT(plan.packs, SizeIs(4)) << "two of each width, at most two cells each";
  const auto read = read_plan(sweep_);
  EXPECT_EQ(coordinates(read), coordinates(plan));
  EXPECT_EQ(packs(read), packs(plan));
  EXPECT_EQ(read_file(sweep_.spec()), test::kSmallSpec);
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const auto [experiment, folder] = load(plan, i);
    EXPECT_EQ(experiment.identity(), plan.cells[i].id);
    EXPECT_EQ(std::to_string(experiment.model.integer("width")), plan.cells[i].coordinates[0]);
    EXPECT_EQ(folder->status(), std::nullopt);
  }
}

TEST_F(Freeze, OfWhatIsThereChangesNothing) {
  freeze({"sweep.seeds=3"});
  const auto before = contents();
  freeze({"sweep.seeds=3"});
  EXPECT_EQ(contents(), before);
}

TEST_F(Freeze, AddsNewCellsAfterTheOldOnesInPacksOfTheirOwn) {
  const auto first = freeze({"sweep.seeds=3"});
  const auto more = freeze({"sweep.seeds=5"});
  EXPECT_THAT(coordinates(more),
              ElementsAre(Texts{"0"}, Texts{"1"}, Texts{"2"}, Texts{"3"}, Texts{"4"}));
  EXPECT_EQ(more.created, first.created);
  ASSERT_THAT(more.packs, SizeIs(2));
  EXPECT_EQ(more.packs[0].name, first.packs[0].name);
  EXPECT_THAT(more.packs[0].cells, ElementsAre(0, 1, 2));
  EXPECT_THAT(more.packs[1].cells, ElementsAre(3, 4));
  const auto fewer = freeze({"seed=1"});
  EXPECT_EQ(coordinates(fewer), coordinates(more)) << "none is ever taken away";
  EXPECT_EQ(packs(fewer), packs(more));
}

TEST_F(Freeze, GivesOldCellsTheirValueOfANewKey) {
  freeze({"sweep.seeds=2"});
  const auto plan =
      freeze({"sweep.seeds=3", "sweep.grid.data.train_fraction=[0.5, 0.6]",
              "sweep.grid.regularizers=[[], [{name: weight_decay}]]", "sweep.exclude=[{seed: 0}]"});
  EXPECT_THAT(plan.keys, ElementsAre("seed", "data.train_fraction", "regularizers"));
  EXPECT_THAT(plan.cells[0].coordinates, ElementsAre("0", "0.5", "")) << "not declared again";
  EXPECT_THAT(plan.cells[1].coordinates, ElementsAre("1", "0.5", "[]"));
  EXPECT_THAT(plan.cells, SizeIs(2 + 2 * 2 * 2 - 1));
}

TEST_F(Freeze, FormsPacksAnewForAnotherLimitUnlessSomebodyWorksOnOne) {
  const auto first = freeze({"sweep.seeds=4"}, 4);
  ASSERT_THAT(first.packs, SizeIs(1));
  {
    const auto work = ClaimFolder(sweep_.claims()).take(first.packs[0].name, std::nullopt);
    const auto kept = freeze({"sweep.seeds=5"}, 2);
    EXPECT_EQ(packs(kept).at(first.packs[0].name), first.packs[0].cells);
    EXPECT_EQ(kept.pack_limit, 4);
  }
  const auto anew = freeze({"sweep.seeds=5"}, 2);
  EXPECT_EQ(anew.pack_limit, 2);
  EXPECT_THAT(anew.packs, SizeIs(3));
  EXPECT_EQ(packs(read_plan(sweep_)), packs(anew)) << "each cell in one, as the reader requires";
  EXPECT_EQ(packs(freeze({"sweep.seeds=5"}, 2)), packs(anew));
}

TEST_F(Freeze, RefusesAnotherSweepsFolderAndWritesNothing) {
  freeze({"sweep.seeds=2"});
  const auto before = contents();
  EXPECT_THAT(
      [&] {
        freeze({"sweep.seeds=3", "training.steps=30", "data.train_fraction=0.6"});
      },
      ThrowsMessage<Error>(AllOf(StartsWith(sweep_.path.string()), HasSubstr("--out"),
                                 HasSubstr("\n  data.train_fraction: 0.5 there, 0.6 now"),
                                 HasSubstr("\n  training.steps: 20 there, 30 now"))));
  EXPECT_EQ(contents(), before);
}

TEST_F(Freeze, RefusesWhatCannotBeMadeBeforeAnythingIsWritten) {
  EXPECT_THAT([&] { freeze({"sweep.grid.model.width=[16, 18]"}); },
              ThrowsMessage<Error>(HasSubstr("heads")));
  EXPECT_THAT(contents(), IsEmpty());
}

TEST_F(Freeze, GoesOnWhereAStartWasKilledBeforeThePlanWasWritten) {
  const auto plan = freeze({"sweep.seeds=3"});
  fs::remove(sweep_.plan());
  fs::remove(sweep_.spec());
  fs::remove_all(sweep_.cell(plan.cells[2].id));
  const auto again = freeze({"sweep.seeds=3"});
  EXPECT_EQ(packs(again), packs(plan));
  EXPECT_EQ(load(again, 2).experiment.identity(), plan.cells[2].id);
}

TEST_F(Freeze, RefusesAFolderOfOtherFilesAndLeavesItAsItIs) {
  const auto file = folder_.write("sweep/thesis.tex", "text");
  EXPECT_THAT([&] { freeze({"sweep.seeds=2"}); },
              ThrowsMessage<Error>(sweep_.path.string() +
                                   " holds files but no sweep (no plan.json); name another folder "
                                   "with --out"));
  EXPECT_THAT(contents(), SizeIs(1));
  EXPECT_FALSE(fs::exists(sweep_.claims()));

  const SweepFolder not_even_one{file};
  EXPECT_THAT([&] { claim_sweep(not_even_one); },
              ThrowsMessage<Error>(file.string() + " is a file; name another folder with --out"));
}

TEST_F(Freeze, LetsRunsThatAreNotOverFollowTheDevice) {
  const auto plan = freeze({"sweep.seeds=2"});
  load(plan, 0).folder->mark_failed("a reason");
  const auto spec = [&](std::size_t i) {
    return read_file(sweep_.cell(plan.cells[i].id) / "spec.yaml");
  };
  const auto before = spec(0);
  freeze({"sweep.seeds=2", "device=cpu-replay"});
  EXPECT_EQ(spec(0), before);
  EXPECT_THAT(spec(1), HasSubstr("device: \"cpu-replay\""));
  EXPECT_THAT(before, Not(HasSubstr("cpu-replay")));
}

TEST_F(Freeze, HasOneOwnerAtATimeAndNoDeadOne) {
  {
    const auto claim = claim_sweep(sweep_);
    EXPECT_THAT(
        [&] { claim_sweep(sweep_); },
        ThrowsMessage<FolderInUse>(HasSubstr("is being run by " + ProcessIdentity::mine().text())));
  }
  const auto process = ::fork();
  if (process == 0) {
    const auto claim = claim_sweep(sweep_);
    ::_exit(0);
  }
  ::waitpid(process, nullptr, 0);
  EXPECT_EQ(claim_sweep(sweep_)->view().record.owner, ProcessIdentity::mine());
}

TEST_F(Freeze, NoticesACellsSpecThatWasEdited) {
  const auto plan = freeze({"sweep.seeds=2"});
  const auto file = sweep_.cell(plan.cells[0].id) / "spec.yaml";
  auto text = read_file(file);
  text.replace(text.find("steps: 20"), 9, "steps: 21");
  replace_file(file, text);
  EXPECT_THAT([&] { load(plan, 0); }, ThrowsMessage<Error>(StartsWith(file.string())));
  EXPECT_NO_THROW(load(plan, 1));
}

}  // namespace
}  // namespace groklab
