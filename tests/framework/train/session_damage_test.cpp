// What becomes of a run whose checkpoint was damaged.
#include "base/files.h"
#include "support/captured_log.h"
#include "support/experiments.h"
#include "train/session.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

// Its checkpoint has a few kilobytes.
constexpr const char* kTinySpec = R"(
experiment: tiny
operation: {name: add, modulus: 5}
model: {name: mlp, width: 2, hidden: 4}
loss: cross_entropy
optimizer: adamw
training: {steps: 12, batch_size: 5}
evaluation: {every: 3}
checkpoint: {every: 4}
)";

class DamagedCheckpoint : public testing::Test {
 protected:
  // The run, stopped at step 9: with a checkpoint of step 9, and the previous of step 8.
  void SetUp() override {
    train(straight_);
    train(run_, /*stop_at=*/9);
    whole_ = read_file(newest_);
  }

  RunStatus train(const fs::path& path, std::int64_t stop_at = -1) const {
    RunFolder folder(path, identity_of(experiment_, test::catalog()));
    std::int64_t step = 0;
    return run_session(test::catalog(), {{&experiment_, &folder}},
                       {.progress = [&](const Progress& now) { step = now.step; },
                        .stop_requested = [&] { return step == stop_at; }})
        .front()
        .status;
  }

  void expect_refused_and_the_previous_used() const {
    CheckpointFiles files(run_);
    const auto checkpoint = files.read();
    ASSERT_TRUE(checkpoint.has_value());
    EXPECT_EQ(checkpoint->metadata.at("step"), "8");
    EXPECT_THAT(files.warning(), testing::StartsWith(newest_.string() + ": "));
  }

  void write_newest(std::string_view bytes, std::size_t start = 0) const {
    std::fstream(newest_, std::ios::binary | std::ios::in | std::ios::out)
        .seekp(static_cast<std::streamoff>(start))
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  test::CapturedLog log_;
  test::TemporaryFolder folder_;
  Experiment experiment_ = test::experiment({}, kTinySpec);
  fs::path straight_ = folder_.path() / "straight", run_ = folder_.path() / "run";
  fs::path newest_ = run_ / "checkpoint.safetensors";
  fs::path previous_ = run_ / "checkpoint.previous.safetensors";
  std::string whole_;
};

TEST_F(DamagedCheckpoint, EveryPrefixIsRefusedAndThePreviousUsed) {
  ASSERT_LT(whole_.size(), 10'000U);
  for (auto size = whole_.size(); size-- > 0;) {
    SCOPED_TRACE(size);
    fs::resize_file(newest_, size);
    expect_refused_and_the_previous_used();
  }
}

TEST_F(DamagedCheckpoint, EachOfAThousandFlippedBitsIsRefusedAndThePreviousUsed) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 1000; ++i) {
    const auto bit = random() % (8 * whole_.size());
    SCOPED_TRACE(bit);
    const auto byte = whole_[bit / 8];
    write_newest(std::string(1, static_cast<char>(byte ^ 1 << bit % 8)), bit / 8);
    expect_refused_and_the_previous_used();
    write_newest(std::string(1, byte), bit / 8);
  }
  EXPECT_EQ(CheckpointFiles(run_).read()->metadata.at("step"), "9");
}

TEST_F(DamagedCheckpoint, SoIsOneWithALostOrOlderSectorOrMoreThanItsBytes) {
  constexpr std::size_t kSector = 512;
  const auto older = read_file(previous_);
  for (std::size_t start = 0; start < whole_.size(); start += kSector) {
    SCOPED_TRACE(start);
    const auto sector = whole_.substr(start, kSector);
    for (const auto& lost : {std::string(sector.size(), '\0'), older.substr(start, kSector)}) {
      if (lost == sector) continue;
      write_newest(lost, start);
      expect_refused_and_the_previous_used();
    }
    write_newest(sector, start);
  }
  write_newest(std::string(1, '\0'), whole_.size());
  expect_refused_and_the_previous_used();
  write_newest(whole_, whole_.size());
  expect_refused_and_the_previous_used();
}

TEST_F(DamagedCheckpoint, TheRunGoesOnFromThePreviousAndMeasuresTheSameBitForBit) {
  const auto begun = folder_.path() / "begun";
  fs::rename(run_, begun);
  const std::vector<std::pair<std::string, std::function<void()>>> damages{
      {"it is cut off", [&] { fs::resize_file(newest_, whole_.size() / 2); }},
      {"it is empty", [&] { fs::resize_file(newest_, 0); }},
      {"it is missing", [&] { fs::remove(newest_); }}};
  for (const auto& [name, damage] : damages) {
    SCOPED_TRACE(name);
    fs::remove_all(run_);
    fs::copy(begun, run_);
    damage();
    EXPECT_EQ(train(run_, /*stop_at=*/10), RunStatus::interrupted);
    EXPECT_EQ(read_run_record(run_)->json.at("resumed_at_step"), 8);
    EXPECT_EQ(train(run_), RunStatus::done);
    EXPECT_EQ(read_run_record(run_)->json.at("resumed_at_step"), 10);
    for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors"}) {
      EXPECT_EQ(read_file(run_ / file), read_file(straight_ / file)) << file;
    }
    EXPECT_THAT(read_file(run_ / "log.txt"), HasSubstr("; going on from " + previous_.string()));
  }
  const auto log = log_.text();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3) << log;
}

TEST_F(DamagedCheckpoint, IfBothAreDamagedNothingIsTouched) {
  fs::resize_file(newest_, 100);
  fs::resize_file(previous_, 0);
  const auto metrics = read_file(run_ / "metrics.jsonl");
  EXPECT_THAT([&] { train(run_); },
              testing::ThrowsMessage<Error>(
                  AllOf(HasSubstr(newest_.string() + ": truncated"),
                        HasSubstr(previous_.string() + ": shorter than its header"),
                        testing::EndsWith("; remove both to start the run again"))));
  EXPECT_EQ(read_file(run_ / "metrics.jsonl"), metrics);
  fs::remove(newest_);
  fs::remove(previous_);
  EXPECT_EQ(train(run_), RunStatus::done);
  EXPECT_EQ(read_file(run_ / "metrics.jsonl"), read_file(straight_ / "metrics.jsonl"));
}

}  // namespace
}  // namespace groklab
