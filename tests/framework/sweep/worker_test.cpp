#include "sweep/worker.h"

#include "framework/sweep/frozen_sweep.h"
#include "sweep/frozen_cell.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Worker : public test::FrozenSweep {
 protected:
  WorkEnd work(const WorkerHooks& hooks = {}) const { return work_on(sweep_, {}, hooks); }

  // Until the first pack has done as many steps.
  WorkEnd work_until_step(std::int64_t step) const {
    bool stop = false;
    return work({.progress = [&](const Progress& now) { stop = now.step >= step; },
                 .stop_requested = [&] { return stop; }});
  }

  std::vector<std::string> statuses(const SweepPlan& plan) const {
    std::vector<std::string> all;
    for (const auto& cell : plan.cells) {
      const auto record = read_run_record(sweep_.cell(cell.id));
      all.push_back(record ? to_text(record->status) : "none");
    }
    return all;
  }

  std::string failure(const SweepPlan& plan, std::size_t cell) const {
    const auto record = read_run_record(sweep_.cell(plan.cells[cell].id));
    return record->json.value("failure", "");
  }

  ClaimView claim(const std::string& name) const {
    return ClaimFolder(sweep_.claims()).all().at(name);
  }
};

TEST_F(Worker, StopsWithCheckpointsAndGoesOnFromThem) {
  const auto plan = freeze({"sweep.seeds=3"}, 2);
  EXPECT_EQ(work_until_step(6), WorkEnd::interrupted);
  EXPECT_THAT(statuses(plan), ElementsAre("interrupted", "interrupted", "none"));
  EXPECT_EQ(claim(plan.packs[0].name).record.phase, ClaimPhase::released);
  EXPECT_EQ(work(), WorkEnd::nothing_left);
  EXPECT_THAT(statuses(plan), ElementsAre("done", "done", "done"));
  const auto record = read_run_record(sweep_.cell(plan.cells[0].id));
  EXPECT_EQ(record->json.at("resumed_at_step"), 6);
  const auto before = contents();
  EXPECT_EQ(work(), WorkEnd::nothing_left);
  EXPECT_EQ(contents(), before);
}

TEST_F(Worker, FailsARunWhoseCheckpointsAreDamagedAndNoOther) {
  const auto plan = freeze({"sweep.seeds=3"});
  work_until_step(6);
  for (const auto& entry : fs::directory_iterator(sweep_.cell(plan.cells[1].id))) {
    if (entry.path().filename().string().starts_with("checkpoint.")) {
      replace_file(entry.path(), "nothing that can be read");
    }
  }
  EXPECT_EQ(work(), WorkEnd::some_failed);
  EXPECT_THAT(statuses(plan), ElementsAre("done", "failed", "done"));
  EXPECT_THAT(failure(plan, 1), HasSubstr("checkpoint"));
}

TEST_F(Worker, FailsRunsWhosePluginWasRebuiltSinceTheyBegan) {
  const auto plan = freeze({"sweep.seeds=2"});
  work_until_step(6);
  const auto file = sweep_.cell(plan.cells[0].id) / "run.json";
  auto json = nlohmann::ordered_json::parse(read_file(file));
  json.at("plugins").front().at("content") = "of another build";
  replace_file(file, json.dump());
  EXPECT_EQ(work(), WorkEnd::some_failed);
  EXPECT_THAT(statuses(plan), ElementsAre("failed", "done"));
  EXPECT_THAT(failure(plan, 0), HasSubstr("another build"));
}

TEST_F(Worker, LeavesWhatAnotherOneHas) {
  const auto plan = freeze({"sweep.seeds=2"}, 1);
  const auto held = ClaimFolder(sweep_.claims()).take(plan.packs[0].name, std::nullopt);
  EXPECT_EQ(work(), WorkEnd::nothing_left);
  EXPECT_THAT(statuses(plan), ElementsAre("none", "done"));
}

TEST_F(Worker, WaitsForRunsThatAProcessWithoutAClaimStillTrains) {
  const auto plan = freeze({"sweep.seeds=2"});
  auto lock = std::make_unique<FolderLock>(sweep_.cell(plan.cells[1].id));
  std::vector<std::string> said;
  const auto end = work({.say = [&](const std::string& line) {
    if (line.find("another process's hands") != std::string::npos) lock.reset();
    said.push_back(line);
  }});
  EXPECT_EQ(end, WorkEnd::nothing_left);
  EXPECT_THAT(statuses(plan), ElementsAre("done", "done"));
  EXPECT_THAT(said, testing::Contains(HasSubstr(plan.packs[0].name)));
}

TEST_F(Worker, StopsWritingOnceItsClaimIsAnotherOnesAndTakesItBackWhenThatLeft) {
  const auto plan = freeze({"sweep.seeds=2"});
  std::unique_ptr<HeldClaim> other;
  std::string checkpoint;
  const auto file = sweep_.cell(plan.cells[0].id) / "checkpoint.safetensors";
  const auto end = work({.say =
                             [&](const std::string&) {
                               if (!other) return;
                               EXPECT_EQ(read_file(file), checkpoint) << "of step 4";
                               other.reset();
                             },
                         .progress =
                             [&](const Progress& now) {
                               if (now.step != 6 || other || !checkpoint.empty()) return;
                               checkpoint = read_file(file);
                               const auto& name = plan.packs[0].name;
                               other = ClaimFolder(sweep_.claims()).take(name, claim(name));
                             }});
  EXPECT_EQ(end, WorkEnd::nothing_left);
  EXPECT_NE(checkpoint, "");
  EXPECT_THAT(statuses(plan), ElementsAre("done", "done"));
  EXPECT_EQ(claim(plan.packs[0].name).generation, 2);
}

TEST_F(Worker, TriesAPackOfOneDeadOnceMoreAndFailsItAfterTwo) {
  const auto plan = freeze({"sweep.seeds=2"}, 1);
  ClaimFolder claims(sweep_.claims());
  for (std::size_t i = 0; i < 2; ++i) {
    auto held = claims.take(plan.packs[i].name, std::nullopt)->view();
    for (std::size_t deaths = 0; deaths <= i; ++deaths) {
      held.record = held.record.after_death("signal 11 (Segmentation fault)");
    }
    claims.write(held);
    fs::remove(sweep_.claims() / (held.name + ".0.released"));
  }
  EXPECT_EQ(work(), WorkEnd::some_failed);
  EXPECT_THAT(statuses(plan), ElementsAre("done", "failed"));
  EXPECT_THAT(failure(plan, 1), HasSubstr("2 processes in a row died"));
  EXPECT_THAT(failure(plan, 1), HasSubstr("signal 11 (Segmentation fault)"));
}

}  // namespace
}  // namespace groklab
