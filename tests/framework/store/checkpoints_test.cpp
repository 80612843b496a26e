#include "store/checkpoints.h"

#include "base/files.h"
#include "support/failing_calls.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <cerrno>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::FailingCalls;
using test::SystemCall;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

TensorFile at_step(int step) {
  return {.tensors = {{"weights", "I64", {1}, std::string(8, static_cast<char>(step))}},
          .metadata = {{"step", std::to_string(step)}}};
}

class Checkpoints : public testing::Test {
 protected:
  // The step of the checkpoint that would be used; −1: there is none.
  int step() {
    const auto checkpoint = files_.read();
    return checkpoint ? std::stoi(checkpoint->metadata.at("step")) : -1;
  }

  void damage(const fs::path& file) {
    auto bytes = read_file(file);
    bytes.back() ^= 1;
    folder_.write(file.filename(), bytes);
  }

  test::TemporaryFolder folder_;
  fs::path newest_ = folder_.path() / "checkpoint.safetensors";
  fs::path previous_ = folder_.path() / "checkpoint.previous.safetensors";
  CheckpointFiles files_{folder_.path()};
};

TEST_F(Checkpoints, TheLastTwoAreKept) {
  EXPECT_EQ(step(), -1);
  files_.write(at_step(1), 10);
  EXPECT_EQ(step(), 1);
  EXPECT_FALSE(fs::exists(previous_));
  files_.write(at_step(2), 20);
  files_.write(at_step(3), 30);
  EXPECT_EQ(step(), 3);
  EXPECT_EQ(files_.metrics_rows(), 30U);
  EXPECT_EQ(files_.warning(), "");
  EXPECT_EQ(from_safetensors(read_file(previous_)).metadata.at("step"), "2");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 2);
}

TEST_F(Checkpoints, ThePreviousStandsInForOneThatIsDamaged) {
  files_.write(at_step(1), 10);
  files_.write(at_step(2), 20);
  damage(newest_);
  EXPECT_EQ(step(), 1);
  EXPECT_EQ(files_.metrics_rows(), 10U);
  EXPECT_EQ(files_.warning(), newest_.string() +
                                  ": damaged: its bytes do not have the hash it records; going on "
                                  "from " +
                                  previous_.string());
}

TEST_F(Checkpoints, ThePreviousStandsInForOneThatIsMissing) {
  files_.write(at_step(1), 10);
  files_.write(at_step(2), 20);
  fs::remove(newest_);
  EXPECT_EQ(step(), 1);
  EXPECT_EQ(files_.warning(),
            newest_.string() + " is missing; going on from " + previous_.string());
}

TEST_F(Checkpoints, AGoodOneIsNeverReplacedByADamagedOne) {
  files_.write(at_step(1), 10);
  files_.write(at_step(2), 20);
  damage(newest_);
  EXPECT_EQ(step(), 1);
  files_.settle();
  EXPECT_EQ(step(), 1);
  EXPECT_EQ(files_.warning(), "");
  {
    const FailingCalls calls(folder_.path(), {{SystemCall::rename}, EIO}, 2);
    EXPECT_THROW(files_.write(at_step(2), 20), Error);
  }
  EXPECT_EQ(step(), 1);
  files_.write(at_step(3), 30);
  damage(newest_);
  EXPECT_EQ(step(), 1);
}

TEST_F(Checkpoints, IfAllAreDamagedTheErrorNamesEach) {
  files_.write(at_step(1), 10);
  damage(newest_);
  EXPECT_THAT([&] { step(); },
              ThrowsMessage<Error>(newest_.string() +
                                   ": damaged: its bytes do not have the hash it records; remove "
                                   "it to start the run again"));
  files_.write(at_step(2), 20);
  fs::resize_file(newest_, 5);
  EXPECT_THAT([&] { step(); }, ThrowsMessage<Error>(AllOf(
                                   StartsWith(newest_.string() + ": shorter than its header; "),
                                   HasSubstr(previous_.string() + ": damaged: its bytes do not"),
                                   EndsWith("; remove both to start the run again"))));
}

// Its hash may be what was damaged.
TEST_F(Checkpoints, OneWithoutAHashIsNone) {
  files_.write(at_step(1), 10);
  auto bytes = read_file(newest_);
  bytes[bytes.find("sha256")] ^= 1;
  ASSERT_NO_THROW(from_safetensors(bytes));
  folder_.write(newest_.filename(), bytes);
  EXPECT_THAT([&] { step(); }, ThrowsMessage<Error>(HasSubstr("no checkpoint of a run")));
  folder_.write(newest_.filename(), to_safetensors(at_step(1)));  // and no number of metrics
  EXPECT_THAT([&] { step(); }, ThrowsMessage<Error>(HasSubstr("no checkpoint of a run")));
}

TEST_F(Checkpoints, OneThatCannotBeReadIsAsGoodAsDamagedButIsNotToBeRemoved) {
  files_.write(at_step(1), 10);
  files_.write(at_step(2), 20);
  {
    const FailingCalls calls(folder_.path(), {{SystemCall::open_to_read}, EIO}, 1);
    EXPECT_EQ(step(), 1);
    EXPECT_EQ(files_.warning(), "cannot read " + newest_.string() +
                                    ": Input/output error; going on from " + previous_.string());
  }
  const FailingCalls calls(folder_.path(), {{SystemCall::open_to_read}, EMFILE, false, true}, 1);
  EXPECT_THAT([&] { step(); }, ThrowsMessage<FileError>("cannot read " + previous_.string() +
                                                        ": Too many open files"));
}

TEST_F(Checkpoints, WhateverCallFailsTheLastGoodOneLoads) {
  using enum SystemCall;
  for (const auto call : {open_to_read, open_to_write, write, fsync, rename}) {
    std::size_t count = 0;
    for (bool was_reached = true; was_reached; ++count) {
      files_.remove();
      files_.write(at_step(1), 10);
      files_.write(at_step(2), 20);
      bool has_failed = false;
      {
        FailingCalls calls(folder_.path(), {{call}, ENOSPC}, count + 1);
        try {
          files_.write(at_step(3), 30);
        } catch (const Error& error) {
          has_failed = true;
          EXPECT_THAT(error.what(), AllOf(HasSubstr(folder_.path().string()),
                                          HasSubstr("No space left on device")));
        }
        was_reached = calls.was_reached();
      }
      EXPECT_EQ(has_failed, was_reached);
      EXPECT_GE(step(), 2);
      for (const auto& entry : fs::directory_iterator(folder_.path())) {
        EXPECT_EQ(entry.path().extension(), ".safetensors");
      }
    }
    EXPECT_GT(count, 1U);
  }
}

TEST_F(Checkpoints, NamesOneThatCannotBeRemoved) {
  files_.write(at_step(1), 10);
  const FailingCalls calls(folder_.path(), {{SystemCall::unlink}, EROFS}, 1);
  EXPECT_THAT([&] { files_.remove(); }, ThrowsMessage<Error>("cannot remove " + newest_.string() +
                                                             ": Read-only file system"));
}

}  // namespace
}  // namespace groklab
