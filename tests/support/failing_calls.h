#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace groklab::test {

// The calls to the system by which files are made and changed.
enum class SystemCall { open_to_read, open_to_write, write, fsync, rename, unlink, mkdir, link };

// Which calls fail, and how.
struct Failure {
  std::set<SystemCall> calls;
  int reason;           // errno; 0: none fails
  bool halves = false;  // the first of them, a write, takes half of its bytes; then they fail
  bool stays = false;   // every later one fails too, and not one alone
  bool kills = false;   // instead of failing, the process is killed before it does the call
};

// Linked into a test program, this also makes fsync succeed at once.
//
// While it lives, those calls of this process on what is below a folder are counted from 1, and
// number `first` fails. One may live at a time.
class FailingCalls {
 public:
  FailingCalls(const std::filesystem::path& folder, Failure failure, std::size_t first);
  FailingCalls(const FailingCalls&) = delete;
  FailingCalls& operator=(const FailingCalls&) = delete;
  ~FailingCalls();

  bool was_reached() const { return count_ >= first_; }
  const std::vector<std::string>& failed() const { return failed_; }  // paths, in their order

  // What becomes of a call: as it is, done for half of its bytes, or failed.
  enum class Fate { passes, halves, fails };
  Fate decide(SystemCall call, const std::string& path);
  int reason() const { return failure_.reason; }

 private:
  const std::string folder_;
  const Failure failure_;
  const std::size_t first_;
  std::mutex mutex_;
  std::size_t count_ = 0;
  std::vector<std::string> failed_;
};

}  // namespace groklab::test
