#include "store/sweep_state.h"

#include "base/files.h"
#include "framework/store/sweep_fixture.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <unistd.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::measured;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SweepStateTest : public test::SweepTest {
 protected:
  SweepPlan plan_of(std::size_t cells) const {
    std::vector<std::vector<std::string>> coordinates;
    for (std::size_t i = 0; i < cells; ++i) coordinates.push_back({std::to_string(i)});
    return make_plan({"seed"}, coordinates);
  }

  std::unique_ptr<HeldClaim> take(const std::string& name) const {
    const ClaimFolder claims(sweep_.claims());
    const auto all = claims.all();
    const auto found = all.find(name);
    return ClaimFolder(sweep_.claims())
        .take(name, found == all.end() ? std::nullopt : std::optional(found->second));
  }

  // As the owner does with its next beat.
  void write_progress(const HeldClaim& claim, const WorkProgress& progress) const {
    auto view = claim.view();
    view.record.progress = progress;
    ClaimFolder(sweep_.claims()).write(view);
  }

  static std::vector<std::string> texts(const SweepState& state) {
    std::vector<std::string> all;
    for (const auto& cell : state.cells) all.push_back(to_text(cell.state));
    return all;
  }

  ClaimWatch watch_;
};

TEST_F(SweepStateTest, AFreshSweepWaitsAndHowLongNobodyKnows) {
  const auto plan = plan_of(3);
  SweepMonitor monitor(sweep_, plan);
  const auto& state = monitor.read(watch_);
  EXPECT_THAT(texts(state), ElementsAre("waiting", "waiting", "waiting"));
  EXPECT_EQ(state.count(CellState::waiting), 3U);
  EXPECT_EQ(state.steps, 300);
  EXPECT_EQ(state.steps_left, 300);
  EXPECT_FALSE(state.is_over());
  EXPECT_EQ(state.seconds_left(), std::nullopt);
  EXPECT_THAT(state.at_work, IsEmpty());
  EXPECT_FALSE(state.driver);
}

TEST_F(SweepStateTest, EachStateIsWhatTheRunsFolderSays) {
  const auto plan = plan_of(7);
  write_run("a", "done");
  write_run("b", "diverged");
  write_run("c", "failed", {{"failure", "the moon"}});
  write_run("d", "interrupted");
  write_metrics("d", {measured(0, 0, 0), measured(30, 0, 0)});
  write_run("e", "running");  // of a process that is gone
  write_cell_file("f", "run.json", "{\"status\": \"done\"");
  write_cell_file("g", "spec.yaml", "experiment: demo\n");
  SweepMonitor monitor(sweep_, plan);
  const auto& state = monitor.read(watch_);
  EXPECT_THAT(texts(state), ElementsAre("done", "diverged", "failed", "interrupted", "interrupted",
                                        "damaged", "waiting"));
  EXPECT_EQ(state.count(CellState::interrupted), 2U);
  EXPECT_EQ(state.count(CellState::running), 0U);
  EXPECT_EQ(state.steps_left, 70 + 100 + 100);
  ASSERT_THAT(state.troubles, SizeIs(2));
  EXPECT_EQ(state.troubles[0].reason, "the moon");
  EXPECT_EQ(state.troubles[1].state, CellState::damaged);
  EXPECT_THAT(state.troubles[1].reason, HasSubstr("cells/f/run.json is damaged"));
}

TEST_F(SweepStateTest, FailuresAreGroupedByTheirReasons) {
  const auto plan = plan_of(5);
  for (const auto* id : {"a", "c", "e"}) write_run(id, "failed", {{"failure", "the moon"}});
  write_run("b", "failed", {{"failure", "the sun"}});
  write_run("d", "failed");
  SweepMonitor monitor(sweep_, plan);
  const auto& state = monitor.read(watch_);
  ASSERT_THAT(state.troubles, SizeIs(3));
  EXPECT_THAT(state.troubles[0].cells, ElementsAre(0, 2, 4));
  EXPECT_THAT(state.troubles[1].cells, ElementsAre(1));
  EXPECT_EQ(state.troubles[2].reason, "no reason was recorded");
  EXPECT_TRUE(state.is_over());
  EXPECT_EQ(state.seconds_left(), 0);
}

TEST_F(SweepStateTest, TimeLeftIsWhatIsToBeDoneAtThePresentRate) {
  const auto plan = plan_of(6);
  for (const auto* id : {"a", "b", "c", "d"}) write_run(id, "running");
  const auto first = take("pack0"), second = take("pack1"), driver = take("run");
  write_progress(*first, {.step = 40, .steps = 100, .runs = 2, .steps_per_second = 20});
  write_progress(*second, {.step = 10, .steps = 100, .runs = 2, .steps_per_second = 15});
  SweepMonitor monitor(sweep_, plan);
  const auto& state = monitor.read(watch_);
  EXPECT_EQ(state.count(CellState::running), 4U);
  EXPECT_EQ(state.steps_left, 2 * 60 + 2 * 90 + 2 * 100);
  EXPECT_EQ(state.steps_per_second, 35);
  EXPECT_DOUBLE_EQ(state.seconds_left().value(), 500.0 / 35);
  ASSERT_THAT(state.at_work, SizeIs(2));
  EXPECT_EQ(state.at_work[1].pack, 1U);
  EXPECT_EQ(state.at_work[1].claim.progress.step, 10);
  EXPECT_EQ(state.at_work[1].claim.owner, ProcessIdentity::mine());
  EXPECT_EQ(state.driver.value().owner.process, ::getpid());
}

TEST_F(SweepStateTest, ARunIsInterruptedOnceItsPackIsLetGo) {
  const auto plan = plan_of(2);
  SweepMonitor monitor(sweep_, plan);
  auto claim = take("pack0");
  write_run("a", "running");
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("running", "waiting"));
  write_run("b", "running");
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("running", "running"));
  write_run("a", "done");
  claim.reset();
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("done", "interrupted"));
  claim = take("pack0");
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("done", "running"));
  write_run("b", "diverged");
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("done", "diverged"));
}

TEST_F(SweepStateTest, AFailedRunThatIsTriedAgainIsSeen) {
  const auto plan = plan_of(1);
  write_run("a", "failed");
  SweepMonitor monitor(sweep_, plan);
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("failed"));
  take("pack0").reset();  // taken and let go between two looks
  write_run("a", "done");
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("done"));
}

// What nobody has claimed meanwhile is not read again, nor is what is done.
TEST_F(SweepStateTest, OnlyWhatMayHaveChangedIsReadAgain) {
  const auto plan = plan_of(4);
  write_run("a", "done");
  SweepMonitor monitor(sweep_, plan);
  const auto claim = take("pack0");
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("done", "waiting", "waiting", "waiting"));
  for (const auto* id : {"a", "b", "c", "d"}) write_run(id, "failed");
  EXPECT_THAT(texts(monitor.read(watch_)), ElementsAre("done", "failed", "waiting", "waiting"));
}

TEST_F(SweepStateTest, ARunOutsideOfASweepRunsWhileItsProcessLives) {
  const auto here = ProcessIdentity::mine();
  const auto write = [&](const nlohmann::ordered_json& facts) {
    nlohmann::ordered_json json{{"status", "running"},
                                {"experiment", "demo"},
                                {"identity", "00ff"},
                                {"settings", {{"training.steps", "50"}}},
                                {"plugins", nlohmann::ordered_json::array()}};
    json.update(facts);
    folder_.write("run/run.json", json.dump());
  };
  const auto path = folder_.path() / "run";
  folder_.write("run/metrics.jsonl",
                to_json_line(measured(0, 0, 0)) + to_json_line(measured(20, 0, 0)));
  const auto writer = [](const ProcessIdentity& process) {
    return nlohmann::ordered_json{{"host", process.host},
                                  {"process", process.process},
                                  {"machine", process.machine},
                                  {"process_start", process.start}};
  };
  write(writer(here));
  const auto run = read_run_set(path);
  EXPECT_FALSE(run.is_sweep);
  EXPECT_EQ(run.plan.experiment, "demo");
  const auto state = read_single_run(run);
  EXPECT_THAT(texts(state), ElementsAre("running"));
  EXPECT_EQ(state.steps, 50);
  EXPECT_EQ(state.steps_left, 30);
  write(writer({here.host, here.process, here.machine, "1"}));  // another one has its number now
  EXPECT_THAT(texts(read_single_run(run)), ElementsAre("interrupted"));
  write(writer({here.host, here.process, "before it was started anew", here.start}));
  EXPECT_THAT(texts(read_single_run(run)), ElementsAre("interrupted"));
  write(writer({"elsewhere", here.process, "another", here.start}));
  EXPECT_THAT(texts(read_single_run(run)), ElementsAre("running"));
  write(nlohmann::ordered_json::object());
  EXPECT_THAT(texts(read_single_run(run)), ElementsAre("interrupted"));
}

TEST_F(SweepStateTest, AFolderOfSomethingElseIsRefused) {
  const auto path = folder_.path();
  EXPECT_THAT([&] { read_run_set(path); },
              testing::ThrowsMessage<Error>(
                  HasSubstr(path.string() + " holds neither a sweep (plan.json) nor a run")));
}

TEST(CellStates, HaveDifferentNames) {
  std::set<std::string> names;
  for (const auto state : all_cell_states()) names.insert(to_text(state));
  EXPECT_THAT(names, SizeIs(7));
}

}  // namespace
}  // namespace groklab
