#include "base/files.h"

#include "support/failing_calls.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ReadFile, GivesEveryByte) {
  const test::TemporaryFolder folder;
  const std::string content("a\0b\r\n\xff", 6);
  EXPECT_EQ(read_file(folder.write("bytes", content)), content);
  EXPECT_EQ(read_file(folder.write("empty", "")), "");
}

TEST(ReadFile, NamesTheFileAndTheReason) {
  const test::TemporaryFolder folder;
  const auto missing = folder.path() / "missing";
  EXPECT_THAT([&] { read_file(missing); }, ThrowsMessage<Error>("cannot read " + missing.string() +
                                                                ": No such file or directory"));
  EXPECT_THAT([&] { read_file(folder.path()); },
              ThrowsMessage<Error>("cannot read " + folder.path().string() + ": Is a directory"));
  EXPECT_THROW(read_file("/dev/null"), Error);  // its size says nothing about its content
}

TEST(WriteAtomically, MakesOrReplacesAFileAndLeavesNothingElse) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "file";
  write_atomically(file, "first, and longer");
  EXPECT_EQ(read_file(file), "first, and longer");
  write_atomically(file, "second");
  EXPECT_EQ(read_file(file), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteAtomically, ReplacesTheFileInsteadOfWritingIntoIt) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("file", "old");
  const auto other_name = folder.path() / "other_name";
  fs::create_hard_link(file, other_name);
  write_atomically(file, "new");
  EXPECT_EQ(read_file(other_name), "old");  // whoever reads the old file reads it whole
}

TEST(WriteAtomically, NamesTheFileThatCannotBeMade) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("no_folder", "");
  EXPECT_THAT(
      [&] { write_atomically(file / "x", ""); },
      ThrowsMessage<WriteError>("cannot write " + (file / "x").string() + ": Not a directory"));
  EXPECT_THAT([&] { write_atomically(folder.path() / "missing/x", ""); },
              ThrowsMessage<Error>(HasSubstr("No such file or directory")));
}

TEST(WriteAtomically, KeepsTheOldContentWhenTheDiskIsFull) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("file", "old");
  {
    const test::FailingCalls calls(folder.path(), {{test::SystemCall::write}, ENOSPC}, 1);
    EXPECT_THAT(
        [&] { write_atomically(file, "new"); },
        ThrowsMessage<WriteError>("cannot write " + file.string() + ": No space left on device"));
  }
  EXPECT_EQ(read_file(file), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteAtomically, KeepsTheOldContentWhenItCannotBeReplaced) {
  const test::TemporaryFolder folder;
  const auto inside = folder.write("taken/inside", "old");
  const auto taken = folder.path() / "taken";
  EXPECT_THAT([&] { write_atomically(taken, "new"); },
              ThrowsMessage<Error>("cannot replace " + taken.string() + ": Is a directory"));
  EXPECT_EQ(read_file(inside), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteKeepingPrevious, KeepsWhatTheFileHeld) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "file", previous = folder.path() / "previous";
  write_keeping_previous(file, previous, "first");
  EXPECT_EQ(read_file(file), "first");
  EXPECT_FALSE(fs::exists(previous));
  write_keeping_previous(file, previous, "second");
  write_keeping_previous(file, previous, "third");
  EXPECT_EQ(read_file(file), "third");
  EXPECT_EQ(read_file(previous), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);
}

TEST(WriteKeepingPrevious, ChangesNothingIfThePreviousCannotBeReplaced) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("file", "old"), previous = folder.path() / "previous";
  fs::create_directory(previous);
  EXPECT_THAT([&] { write_keeping_previous(file, previous, "new"); },
              ThrowsMessage<Error>("cannot replace " + previous.string() + ": Is a directory"));
  EXPECT_EQ(read_file(file), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);
}

TEST(RenameFile, TakesTheOthersPlace) {
  const test::TemporaryFolder folder;
  const auto from = folder.write("from", "new"), to = folder.write("to", "old");
  rename_file(from, to);
  EXPECT_EQ(read_file(to), "new");
  EXPECT_FALSE(fs::exists(from));
  EXPECT_THAT([&] { rename_file(from, to); }, ThrowsMessage<Error>("cannot replace " + to.string() +
                                                                   ": No such file or directory"));
}

TEST(RemoveFile, IsContentIfThereIsNone) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("file", "");
  remove_file(file);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_NO_THROW(remove_file(file));
  EXPECT_THAT([&] { remove_file(folder.path()); },
              ThrowsMessage<Error>("cannot remove " + folder.path().string() + ": Is a directory"));
}

TEST(AppendFile, OnlyGrows) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "log";
  {
    AppendFile file(path);
    file.append("one\n");
    file.append("two\n");
    file.sync();
  }
  AppendFile(path).append("three\n");
  EXPECT_EQ(read_file(path), "one\ntwo\nthree\n");
}

TEST(AppendFile, FollowsNoLink) {
  const test::TemporaryFolder folder;
  const auto other = folder.write("other", "mine"), link = folder.path() / "log";
  fs::create_symlink(other, link);
  EXPECT_THAT([&] { AppendFile(link).append("x"); },
              ThrowsMessage<WriteError>("cannot write " + link.string() +
                                        ": it is a symbolic link, which groklab does not follow"));
  EXPECT_EQ(read_file(other), "mine");
}

TEST(AppendFile, KnowsWhetherItsFileIsAsItWasWritten) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("log", "zero\n");
  AppendFile file(path);
  file.append("one\n");
  EXPECT_TRUE(file.is_as_written());
  const auto text = read_file(path);
  folder.write("log", text + "two\n");  // into the same file
  EXPECT_FALSE(file.is_as_written());
  folder.write("log", text);
  EXPECT_TRUE(file.is_as_written());
  write_atomically(path, text);  // as editors do
  EXPECT_FALSE(file.is_as_written());
  fs::remove(path);
  EXPECT_FALSE(file.is_as_written());
}

TEST(AppendFile, HandsEachPieceToTheSystemAtOnce) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "log";
  AppendFile file(path);
  file.append("one\n");
  EXPECT_EQ(read_file(path), "one\n");
}

TEST(AppendFile, MovesWithItsFile) {
  const test::TemporaryFolder folder;
  AppendFile first(folder.path() / "first");
  AppendFile second(std::move(first));
  second.append("a");
  AppendFile third(folder.path() / "third");
  third = std::move(second);
  third.append("b");
  EXPECT_EQ(read_file(folder.path() / "first"), "ab");
  EXPECT_EQ(read_file(folder.path() / "third"), "");
}

TEST(AppendFile, SaysThatTheDiskIsFull) {
  AppendFile file("/dev/full");
  EXPECT_THAT([&] { file.append("x"); },
              ThrowsMessage<Error>("cannot append to /dev/full: No space left on device"));
}

TEST(AppendFile, NamesTheFileThatCannotBeMade) {
  const test::TemporaryFolder folder;
  EXPECT_THAT([&] { AppendFile(folder.path() / "missing/log"); },
              ThrowsMessage<Error>(
                  AllOf(HasSubstr("missing/log"), HasSubstr("No such file or directory"))));
}

// Runs `action` in a process of its own; gives its exit code.
template <class Action>
int in_another_process(Action action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// 0: got the lock, 1: it is taken.
int try_lock(const fs::path& folder, std::string* message = nullptr) {
  try {
    const FolderLock lock(folder);
    return 0;
  } catch (const FolderInUse& error) {
    if (message != nullptr) *message = error.what();
    return 1;
  }
}

TEST(FolderLock, KeepsOtherProcessesOut) {
  const test::TemporaryFolder folder;
  {
    const FolderLock lock(folder.path());
    EXPECT_EQ(in_another_process([&] { return try_lock(folder.path()); }), 1);
  }
  EXPECT_EQ(in_another_process([&] { return try_lock(folder.path()); }), 0);
}

TEST(FolderLock, KeepsAnotherRunOfTheSameProcessOut) {
  const test::TemporaryFolder folder;
  const FolderLock lock(folder.path());
  std::string message;
  EXPECT_EQ(try_lock(folder.path(), &message), 1);
  EXPECT_EQ(message, folder.path().string() + " is being written by another process");
}

TEST(FolderLock, IsReleasedWhenItsHolderIsKilled) {
  const test::TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FolderLock lock(folder.path());
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(try_lock(folder.path()), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(try_lock(folder.path()), 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FolderLock, NeedsAFolder) {
  const test::TemporaryFolder folder;
  EXPECT_THAT([&] { FolderLock(folder.path() / "missing"); },
              ThrowsMessage<Error>(HasSubstr("missing: No such file or directory")));
  EXPECT_THAT([&] { FolderLock(folder.write("file", "")); },
              ThrowsMessage<Error>(HasSubstr("file: Not a directory")));
}

// The examples of FIPS 180-4 (NIST, "SHA256.pdf"), and the long one of its test suite.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// By: printf abc | openssl dgst -sha256 -binary | base64
TEST(Sha256, InBase64IsWhatOtherToolsWrite) {
  EXPECT_EQ(sha256_base64("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  EXPECT_EQ(sha256_base64(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  EXPECT_EQ(sha256({"", "a", "bc", ""}), sha256("abc"));
  EXPECT_EQ(sha256({}), sha256(""));
}

}  // namespace
}  // namespace groklab
