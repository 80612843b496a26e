#include "app/sweep_status.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

ClaimRecord claim_of(const std::string& host, const WorkProgress& progress) {
  ClaimRecord claim;
  claim.owner.host = host;
  claim.owner.process = 12;
  claim.seen = "2026-01-31T12:00:00Z";
  claim.progress = progress;
  return claim;
}

// A sweep of `cells` cells c0, c1, … in packs of two, none of them started.
struct Example {
  RunSet runs;
  SweepState state;

  explicit Example(std::size_t cells) {
    runs.path = "runs/demo";
    runs.plan.experiment = "demo";
    runs.plan.keys = {"seed"};
    for (std::size_t i = 0; i < cells; ++i) {
      runs.plan.cells.push_back({"c" + std::to_string(i), {std::to_string(i)}, 100});
      if (i % 2 == 0) runs.plan.packs.push_back({"p" + std::to_string(i / 2), "", {}});
      runs.plan.packs.back().cells.push_back(i);
    }
    state.cells.resize(cells);
    state.steps = static_cast<std::int64_t>(cells) * 100;
  }
};

TEST(SweepStatus, SaysWhoIsAtWorkHowFastAndHowLongItTakes) {
  Example example(6);
  auto& state = example.state;
  state.counts = {{CellState::waiting, 1}, {CellState::running, 3}, {CellState::done, 2}};
  state.steps_left = 250;
  state.steps_per_second = 2;
  state.at_work = {
      {0, claim_of("pluto", {.step = 40, .steps = 100, .runs = 2, .steps_per_second = 2}),
       ClaimHolder::alive},
      {2, claim_of("mars", {}), ClaimHolder::unproven}};
  state.at_work[1].claim.deaths = 1;
  state.at_work[1].claim.last_death = "signal 9";
  state.driver = claim_of("venus", {});
  EXPECT_EQ(sweep_status_text(example.runs, state),
            "demo in runs/demo\n"
            "6 runs: 1 waiting, 3 running, 2 done; 2.0 steps/s, 2:05 left\n"
            "250 of 600 steps left\n"
            "driven by process 12 on venus\n"
            "at work:\n"
            "  pack p0  step 40/100 of 2 runs, 2.0 steps/s, 1:00 left, process 12 on pluto\n"
            "  pack p2  starting, process 12 on mars (last seen 2026-01-31T12:00:00Z), tried again "
            "after: signal 9\n");
}

TEST(SweepStatus, NamesWhatFailedWithTheReasonAndSomeOfTheCells) {
  Example example(6);
  auto& state = example.state;
  state.counts = {{CellState::failed, 5}, {CellState::damaged, 1}};
  state.troubles = {{CellState::failed, "the moon", {0, 1, 2, 3, 5}},
                    {CellState::damaged, "run.json is damaged", {4}}};
  EXPECT_EQ(sweep_status_text(example.runs, state),
            "demo in runs/demo\n"
            "6 runs: 5 failed, 1 damaged\n"
            "0 of 600 steps left\n"
            "failed (5): the moon\n"
            "  runs/demo/cells/c0 seed=0\n"
            "  runs/demo/cells/c1 seed=1\n"
            "  runs/demo/cells/c2 seed=2\n"
            "  and 2 more\n"
            "damaged (1): run.json is damaged\n"
            "  runs/demo/cells/c4 seed=4\n");
}

TEST(SweepStatus, LongListsAreCutInTheTextAndWholeInJson) {
  Example example(40);
  auto& state = example.state;
  for (std::size_t i = 0; i < 20; ++i) {
    state.at_work.push_back({i, claim_of("pluto", {}), ClaimHolder::alive});
    state.troubles.push_back({CellState::failed, "reason " + std::to_string(i), {i}});
  }
  const auto text = sweep_status_text(example.runs, state);
  EXPECT_THAT(text, HasSubstr("  pack p7  starting, process 12 on pluto\n  and 12 more\nfailed"));
  EXPECT_THAT(text, Not(HasSubstr("pack p8")));
  EXPECT_THAT(text, HasSubstr("reason 7\n  runs/demo/cells/c7 seed=7\n  and 12 more\n"));
  const auto json = sweep_status_json(example.runs, state);
  EXPECT_THAT(json["at_work"], SizeIs(20));
  EXPECT_THAT(json["troubles"], SizeIs(20));
  EXPECT_THAT(json["cells"], SizeIs(40));
}

TEST(SweepStatus, JsonHoldsEveryStateAndNullWhereTheTimeIsNotKnown) {
  Example example(2);
  auto& state = example.state;
  state.cells[1].state = CellState::failed;
  state.counts = {{CellState::waiting, 1}, {CellState::failed, 1}};
  state.troubles = {{CellState::failed, "the moon", {1}}};
  state.steps_left = 100;
  auto json = sweep_status_json(example.runs, state);
  EXPECT_EQ(json["counts"], nlohmann::ordered_json::parse(R"({"waiting": 1, "running": 0,
      "interrupted": 0, "done": 0, "diverged": 0, "failed": 1, "damaged": 0})"));
  EXPECT_TRUE(json["seconds_left"].is_null());
  EXPECT_EQ(json["is_over"], false);
  EXPECT_EQ(json["cells"][1],
            nlohmann::ordered_json::parse(R"({"cell": "c1", "state": "failed"})"));
  EXPECT_EQ(json["troubles"][0]["cells"], nlohmann::ordered_json::parse(R"(["c1"])"));
  state.at_work = {{0, claim_of("pluto", {}), ClaimHolder::alive}};
  state.steps_per_second = 50;
  json = sweep_status_json(example.runs, state);
  EXPECT_EQ(json["seconds_left"], 2.0);
  EXPECT_EQ(json["at_work"][0]["host"], "pluto");
}

}  // namespace
}  // namespace groklab
