#include "store/results.h"

#include "base/files.h"
#include "framework/store/sweep_fixture.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <limits>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::measured;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class ResultsTest : public test::SweepTest {
 protected:
  WrittenResults write(const fs::path& runs, bool is_reproducible = true) const {
    const auto writer = make_csv_writer(out());
    return write_results(read_run_set(runs), is_reproducible, *writer);
  }

  // A sweep with a cell in every state, and values that have to be quoted.
  void make_sweep() const {
    make_plan({"operation.name", "optimizer.learning_rate", "seed"}, {{"add", "0.001", "0"},
                                                                      {"x,\"y\"", "1e-05", "1"},
                                                                      {"a\nb", "0.1", "2"},
                                                                      {"größer", "1", "3"},
                                                                      {"", "0", "4"}});
    write_run("a", "done",
              {{"parameters", 12}, {"train_rows", 24}, {"val_rows", 25}, {"batch_size", 10}});
    write_metrics("a", {measured(0, 0.1, 0.25), measured(50, 1, 0.1 + 0.2), measured(100, 1, 1)});
    write_run("b", "diverged", {{"stopped", {{"when", "generalized"}, {"step", 50}}}});
    write_metrics("b", {{0, {{"train_loss", 3}, {"probe", 1e-300}}}, {50, {{"train_loss", kNaN}}}});
    write_run("c", "failed", {{"failure", "plugin \"moon\",\nin the wrong phase"}});
    write_run("d", "running");
    write_metrics("d", {measured(0, 0.5, 0)});
  }

  fs::path out() const { return folder_.path() / "out"; }
  std::string cells() const { return read_file(out() / "cells.csv"); }
  std::string metrics() const { return read_file(out() / "metrics.csv"); }
};

TEST_F(ResultsTest, ASweepIsTwoTidyTablesInThePlansOrder) {
  make_sweep();
  const auto written = write(sweep_.path);
  EXPECT_EQ(cells(),
            "cell,operation.name,optimizer.learning_rate,seed,status,failure,folder,steps,"
            "train_accuracy,val_accuracy,best_val_accuracy,train_loss,val_loss,steps_to_memorize,"
            "steps_to_generalize,sustained_steps_to_memorize,sustained_steps_to_generalize,"
            "stopped_at,parameters,train_rows,val_rows,batch_size\n"
            "a,add,0.001,0,done,,cells/a,100,1,1,1,0,,50,100,,,,12,24,25,10\n"
            "b,\"x,\"\"y\"\"\",1e-05,1,diverged,,cells/b,50,,,0,,,,,,,50,,,,\n"
            "c,\"a\nb\",0.1,2,failed,\"plugin \"\"moon\"\",\nin the wrong phase\",cells/c,"
            ",,,,,,,,,,,,,,\n"
            "d,größer,1,3,interrupted,,cells/d,0,0.5,0,0,0.5,,,,,,,,,,\n"
            "e,\"\",0,4,waiting,,cells/e,,,,,,,,,,,,,,,\n");
  EXPECT_EQ(metrics(),
            "cell,step,train_loss,train_accuracy,val_accuracy,probe\n"
            "a,0,0.9,0.1,0.25,\n"
            "a,50,0,1,0.30000000000000004,\n"
            "a,100,0,1,1,\n"
            "b,0,3,,,1e-300\n"
            "b,50,,,,\n"
            "d,0,0.5,0.5,0,\n");
  EXPECT_EQ(written.cells, 5U);
  EXPECT_EQ(written.rows, 6U);
  EXPECT_THAT(written.damages, IsEmpty());
  EXPECT_THAT(written.files, ElementsAre(out() / "cells.csv", out() / "metrics.csv"));
}

TEST_F(ResultsTest, WhatDependsOnTimeAndMachineStandsAtTheEnd) {
  make_plan({"seed"}, {{"0"}});
  write_run("a", "done",
            {{"device", "cpu"},
             {"execution", "eager"},
             {"threads", 2},
             {"host", "pluto"},
             {"groklab", "0.1.0"},
             {"started", "2026-01-31T12:00:00Z"},
             {"finished", "2026-01-31T12:00:09Z"},
             {"session_seconds", 8.5},
             {"session_steps", 60}});
  write(sweep_.path);
  const auto reproducible = cells();
  write(sweep_.path, false);
  const auto split = [](const std::string& text) {
    return std::pair{text.substr(0, text.find('\n')), text.substr(text.find('\n') + 1)};
  };
  const auto [fixed_header, fixed_row] = split(reproducible);
  const auto [header, row] = split(cells());
  EXPECT_EQ(header, fixed_header +
                        ",device,execution,threads,host,groklab,started,finished,session_seconds,"
                        "session_steps");
  EXPECT_EQ(row, fixed_row.substr(0, fixed_row.size() - 1) +
                     ",cpu,eager,2,pluto,0.1.0,2026-01-31T12:00:00Z,2026-01-31T12:00:09Z,8.5,60\n");
}

TEST_F(ResultsTest, AnotherOrderOfStartsAndResumptionsGivesTheSameTables) {
  make_sweep();
  write(sweep_.path);
  const auto first = cells() + metrics();
  write_run("a", "done",
            {{"parameters", 12},
             {"train_rows", 24},
             {"val_rows", 25},
             {"batch_size", 10},
             {"host", "pluto"},
             {"resumed_at_step", 50},
             {"started", "2026-01-31T12:00:00Z"},
             {"pack_replicas", 3}});
  write(sweep_.path);
  EXPECT_EQ(cells() + metrics(), first);
}

TEST_F(ResultsTest, KeysAndMetricsNamedLikeFixedColumnsAreGivenAPrefix) {
  make_plan({"status", "device", "Steps", "probes.0.\"x\""}, {{"1", "cpu", "5", "0"}});
  write_run("a", "done");
  write_metrics("a", {{0, {{"cell", 1}, {"STEP", 2}, {"loss", 3}}}});
  write(sweep_.path);
  EXPECT_THAT(cells(), testing::StartsWith("cell,sweep.status,device,sweep.Steps,"
                                           "\"probes.0.\"\"x\"\"\",status,failure,"));
  EXPECT_EQ(metrics(), "cell,step,metric.cell,metric.STEP,loss\na,0,1,2,3\n");
  write(sweep_.path, false);
  EXPECT_THAT(cells(), testing::StartsWith("cell,sweep.status,sweep.device,sweep.Steps,"));
}

TEST_F(ResultsTest, DamageIsAStateOfItsCellAlone) {
  make_plan({"seed"}, {{"0"}, {"1"}, {"2"}, {"3"}, {"4"}});
  for (const auto* id : {"a", "b", "c", "d"}) {
    write_run(id, "done");
    write_metrics(id, {measured(0, 0, 0), measured(10, 1, 1)});
  }
  write_run("e", "done");
  fs::create_directory(sweep_.cell("e") / "metrics.jsonl");
  write_cell_file("a", "run.json", "{}");
  write_cell_file("b", "metrics.jsonl",
                  to_json_line(measured(0, 0, 0)) + "oops\n" + to_json_line(measured(10, 1, 1)));
  write_metrics("c", {measured(0, 0, 0), measured(10, 1, 1), measured(10, 1, 1)});
  write_cell_file("d", "metrics.jsonl",
                  to_json_line(measured(0, 0, 0)) + to_json_line(measured(10, 1, 1)) + "{\"st");
  const auto written = write(sweep_.path);
  EXPECT_THAT(written.damages,
              ElementsAre(HasSubstr("cells/a/run.json is damaged"),
                          HasSubstr("cells/b/metrics.jsonl:2: not a row of metrics: oops"),
                          HasSubstr("cells/c/metrics.jsonl:3: step 10 comes after step 10"),
                          HasSubstr("cells/e/metrics.jsonl: Is a directory")));
  EXPECT_EQ(metrics(),
            "cell,step,train_loss,train_accuracy,val_accuracy\n"
            "b,0,1,0,0\nc,0,1,0,0\nc,10,0,1,1\nd,0,1,0,0\nd,10,0,1,1\n");
  EXPECT_THAT(cells(), HasSubstr("\na,0,damaged,"));
  EXPECT_THAT(cells(), HasSubstr("\nb,1,damaged,"));
  EXPECT_THAT(cells(), HasSubstr("\nc,2,damaged,"));
  EXPECT_THAT(cells(), HasSubstr("\nd,3,done,"));
}

TEST_F(ResultsTest, ARunIsRunningWhileItsPackIsClaimed) {
  make_plan({"seed"}, {{"0"}, {"1"}});
  write_run("a", "running");
  {
    const auto claim = ClaimFolder(sweep_.claims()).take("pack0", std::nullopt);
    write(sweep_.path);
    EXPECT_THAT(cells(), HasSubstr("\na,0,running,"));
    EXPECT_THAT(cells(), HasSubstr("\nb,1,waiting,"));
  }
  write(sweep_.path);
  EXPECT_THAT(cells(), HasSubstr("\na,0,interrupted,"));
}

TEST_F(ResultsTest, ASingleRunIsATableOfOneCell) {
  write_run("a", "done", {{"identity", "00ff"}});
  write_metrics("a", {measured(0, 0, 0)});
  write(sweep_.cell("a"));
  EXPECT_THAT(cells(), HasSubstr("cell,status,failure,folder,steps,"));
  EXPECT_THAT(cells(), HasSubstr("\n00ff,done,,.,0,"));
  EXPECT_EQ(metrics(), "cell,step,train_loss,train_accuracy,val_accuracy\n00ff,0,1,0,0\n");
}

TEST_F(ResultsTest, WithoutAnyCellStartedThereAreNoRows) {
  make_plan({"seed"}, {{"0"}});
  EXPECT_EQ(write(sweep_.path).rows, 0U);
  EXPECT_EQ(metrics(), "cell,step\n");
}

}  // namespace
}  // namespace groklab
