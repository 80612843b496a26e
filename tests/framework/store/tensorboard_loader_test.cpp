// A run folder as TensorBoard's own loader reads it.
#include "framework/store/run_folder_fixture.h"
#include "support/paths.h"
#include "support/python.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;

class TensorBoardLoader : public testing::Test {
 protected:
  RunFolder run() const {
    auto identity = test::identity();
    identity.hyperparameters = {{"operation.name", std::string("add")},
                                {"training.steps", std::int64_t{5}}};
    return {folder_.path() / "cells/demo", std::move(identity)};
  }

  void expect_all_is_found(const test::Python& python) const {
    const auto result = python.run(test::source_dir() / "tests/program/readers/check_events.py",
                                   {folder_.path().string()});
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_THAT(result.output, testing::HasSubstr("1 runs"));
  }

  const test::TemporaryFolder folder_;
};

TEST_F(TensorBoardLoader, ReadsARunThatWasResumedAsOne) {
  const test::Python python({"tensorboard", "google.protobuf", "numpy"});
  if (!python.missing().empty()) GTEST_SKIP() << python.missing();
  {
    auto folder = run();
    folder.start(0, {{"device", "cpu"}});
    for (const auto step : {0, 10, 20}) folder.append(test::row(step, 0.1));
    folder.write_checkpoint(test::checkpoint(20));
    folder.append(test::row(30, 0.2));
    folder.finish(RunStatus::interrupted, nlohmann::ordered_json::object());
  }
  expect_all_is_found(python);  // with no end yet

  auto folder = run();
  EXPECT_TRUE(folder.checkpoint());
  folder.start(20, {{"device", "cpu"}});
  folder.append(test::row(30, 0.3));
  folder.append(test::row(40, 1));
  expect_all_is_found(python);
  folder.finish(RunStatus::done, nlohmann::ordered_json::object());
  expect_all_is_found(python);
}

}  // namespace
}  // namespace groklab
