#include "base/unfinished_file.h"

#include "support/captured_log.h"
#include "support/failing_calls.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::FailingCalls;
using test::SystemCall;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Unfinished : public testing::Test {
 protected:
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TemporaryFolder folder_;
  fs::path target_ = folder_.path() / "report.html";
};

TEST_F(Unfinished, TakesItsPlaceWholeAndIsGoneOtherwise) {
  folder_.write("report.html", "old");
  {
    UnfinishedFile file(target_);
    file.append("half");
    EXPECT_EQ(files().size(), 2U);
    EXPECT_EQ(read_file(file.path()), "half");
  }
  EXPECT_THAT(files(), ElementsAre("report.html"));
  EXPECT_EQ(read_file(target_), "old");
  UnfinishedFile file(target_);
  file.append("who");
  file.append("le");
  file.sync();
  file.put_in_place();
  EXPECT_EQ(read_file(target_), "whole");
  EXPECT_THAT(files(), ElementsAre("report.html"));
}

// Who may write into the folder must not have groklab write elsewhere.
TEST_F(Unfinished, FollowsNoLinkThatStandsInTheFolder) {
  const auto other = folder_.write("other", "mine");
  fs::create_symlink(other, folder_.path() / "report.html.part");
  fs::create_symlink(other, target_);
  write_atomically(target_, "page");
  replace_file(target_, "page again");
  EXPECT_EQ(read_file(other), "mine");
  EXPECT_EQ(read_file(target_), "page again");
}

TEST_F(Unfinished, SeveralProcessesMayWriteOneFileAtOnce) {
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    try {
      for (int j = 0; j < 200; ++j)
        write_atomically(target_, std::string(5000, static_cast<char>('a' + i)));
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}\n", error.what());
      ::_exit(1);
    }
    ::_exit(0);
  }
  for (const auto child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto content = read_file(target_);
  EXPECT_EQ(content, std::string(5000, content.front()));
  EXPECT_THAT(files(), ElementsAre("report.html"));
}

TEST_F(Unfinished, NamesTheTargetAndTheReason) {
  const FailingCalls calls(folder_.path(), {{SystemCall::open_to_write}, EROFS}, 1);
  EXPECT_THAT(
      [&] { UnfinishedFile file(target_); },
      ThrowsMessage<WriteError>("cannot write " + target_.string() + ": Read-only file system"));
}

TEST_F(Unfinished, HasANameThatTellsWhatItIsToBe) {
  for (const auto* name : {"report.html", "x", ".hidden", "a.0123456789abcdef.part"}) {
    const auto path = unfinished_path(folder_.path() / name);
    EXPECT_EQ(path.parent_path(), folder_.path());
    EXPECT_EQ(finished_name(path.filename()), name);
    EXPECT_NE(unfinished_path(folder_.path() / name), path);
  }
  for (const auto* name :
       {"", ".part", "x.part", ".x.part", ".x.0123456789abcde.part", ".x.0123456789abcdeg.part",
        "x.0123456789abcdef.part", ".x-0123456789abcdef.part", "..0123456789abcdef.part"}) {
    EXPECT_EQ(finished_name(name), std::nullopt) << name;
  }
}

TEST_F(Unfinished, WhatKilledProcessesLeftIsRemovedByItsName) {
  folder_.write(".run.json.0123456789abcdef.part", "");
  folder_.write(".run.json.fedcba9876543210.part", "");
  folder_.write(".report.html.0123456789abcdef.part", "of another program");
  folder_.write("run.json", "");
  remove_leftovers(folder_.path(), {"run.json", "metrics.jsonl"});
  EXPECT_THAT(files(), ElementsAre(".report.html.0123456789abcdef.part", "run.json"));
}

TEST_F(Unfinished, InANewPlaceOneAloneIsPut) {
  UnfinishedFile first(target_), second(target_);
  first.append("first");
  EXPECT_TRUE(first.put_in_new_place());
  EXPECT_FALSE(second.put_in_new_place());
  EXPECT_EQ(read_file(target_), "first");
}

// As exFAT (EPERM), SMB (EOPNOTSUPP) and FUSE (ENOSYS) say it.
TEST_F(Unfinished, WithoutHardLinksInANewPlaceOneAloneIsPutToo) {
  const test::CapturedLog log;
  for (const int reason : {EPERM, EOPNOTSUPP, ENOSYS}) {
    const FailingCalls calls(folder_.path(), {{SystemCall::link}, reason, false, true}, 1);
    fs::remove(target_);
    {
      UnfinishedFile first(target_), second(target_);
      first.append("first");
      EXPECT_TRUE(first.put_in_new_place()) << reason;
      EXPECT_FALSE(second.put_in_new_place()) << reason;
    }
    EXPECT_EQ(read_file(target_), "first");
    EXPECT_THAT(files(), ElementsAre("report.html"));
  }
}

TEST_F(Unfinished, InANewPlaceWhatElseFailsIsNamed) {
  const FailingCalls calls(folder_.path(), {{SystemCall::link}, EACCES}, 1);
  UnfinishedFile file(target_);
  EXPECT_THAT([&] { file.put_in_new_place(); },
              ThrowsMessage<WriteError>(HasSubstr(target_.string() + ": Permission denied")));
}

}  // namespace
}  // namespace groklab
