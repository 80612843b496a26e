#pragma once

#include "store/run_folder.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace groklab::test {

inline RunIdentity identity() {
  return {.experiment = "demo",
          .hash = "00112233",
          .settings = {{"operation.name", "add"}, {"training.steps", "5"}},
          .spec_yaml = "experiment: demo\n",
          .plugins = {{"operation", "add", "/lib/add.so", "hash of add"},
                      {"loss", "entropy", "/lib/entropy.so", "hash of entropy"}}};
}

inline MetricsRow row(std::int64_t step, double accuracy = 0) {
  return {step, {{"train_accuracy", accuracy}, {"val_accuracy", accuracy}, {"train_loss", 0.5}}};
}

inline TensorFile checkpoint(std::int64_t step) {
  return {.tensors = {}, .metadata = {{"step", std::to_string(step)}}};
}

inline nlohmann::ordered_json run_json(const std::filesystem::path& run) {
  return nlohmann::ordered_json::parse(read_file(run / "run.json"));
}

inline std::vector<std::int64_t> steps(const RunFolder& folder) {
  std::vector<std::int64_t> all;
  for (const auto& row : folder.metrics()) all.push_back(row.step);
  return all;
}

// Runs are made in a folder of their own.
class RunFolderTest : public testing::Test {
 protected:
  std::filesystem::path run() const { return folder_.path() / "runs/demo"; }

  // A run that was stopped after step 30, with a checkpoint of step 20.
  void interrupted_run() const {
    RunFolder folder(run(), identity());
    folder.start(0, {{"device", "cpu"}});
    for (const auto step : {0, 10, 20}) folder.append(row(step));
    folder.write_checkpoint(checkpoint(20));
    folder.append(row(30));
    folder.finish(RunStatus::interrupted, nlohmann::ordered_json::object());
  }

  int event_files() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(run())) {
      count += entry.path().filename().string().starts_with("events.out.tfevents.");
    }
    return count;
  }

  test::TemporaryFolder folder_;
};

}  // namespace groklab::test
