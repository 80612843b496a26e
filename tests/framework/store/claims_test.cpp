#include "store/claims.h"

#include "base/files.h"
#include "support/captured_log.h"
#include "support/failing_calls.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// A process of its own that does `work` and ends without tidying up; 0 if `work` does not throw.
class Child {
 public:
  explicit Child(const std::function<void()>& work) : process_(::fork()) {
    if (process_ != 0) return;
    try {
      work();
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}\n", error.what());
      ::_exit(1);
    }
    ::_exit(0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    wait();
  }

  pid_t id() const { return process_; }
  void kill() const { ::kill(process_, SIGKILL); }
  int wait() {
    int status = 0;
    if (process_ != 0) ::waitpid(process_, &status, 0);
    process_ = 0;
    return status;
  }

 private:
  pid_t process_;
};

class Claims : public testing::Test {
 protected:
  ClaimView newest(const std::string& name) const { return folder().all().at(name); }
  ClaimFolder folder() const { return ClaimFolder(path_); }

  // The claim of a process on another machine, as its file has it.
  void write_foreign(std::int64_t generation, std::int64_t beat) const {
    const auto text = fmt::format(
        R"({{"phase": "held", "host": "far", "process": {}, "machine": "another", "start": "5",
             "beat": {}, "seen": "2026-01-31T12:00:00Z", "deaths": 1, "last_death": "signal 9",
             "step": 30, "steps": 100, "runs": 8, "steps_per_second": 2.5}})",
        ::getpid(), beat);
    temporary_.write(fs::path("claims") / fmt::format("pack.{}", generation), text);
  }

  test::TemporaryFolder temporary_;
  fs::path path_ = temporary_.path() / "claims";
};

// Runs `work` in as many processes at one moment, as far as that can be; what each of them wrote
// into its own stream, line by line.
std::map<std::string, int> lines_of_racing_processes(int count, const fs::path& folder,
                                                     const std::function<void(AppendFile&)>& work) {
  std::array<int, 2> start{};
  EXPECT_EQ(::pipe(start.data()), 0);
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < count; ++i) {
    children.push_back(std::make_unique<Child>([&] {
      ::close(start[1]);
      char unused = 0;
      AppendFile file(folder / fmt::format("lines.{}", i));
      EXPECT_EQ(::read(start[0], &unused, 1), 0);  // once the parent closes its end
      work(file);
    }));
  }
  ::close(start[0]);
  ::close(start[1]);
  std::map<std::string, int> lines;
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(children[static_cast<std::size_t>(i)]->wait(), 0);
    std::istringstream text(read_file(folder / fmt::format("lines.{}", i)));
    for (std::string line; std::getline(text, line);) ++lines[line];
  }
  return lines;
}

// Eight processes race for so many packs. Each pack is taken by one of them alone.
void expect_each_pack_taken_once(const fs::path& claims, const fs::path& folder, int packs) {
  const auto taken = lines_of_racing_processes(8, folder, [&](AppendFile& file) {
    std::vector<std::unique_ptr<HeldClaim>> held;
    for (int i = 0; i < packs; ++i) {
      const auto name = fmt::format("pack{}", i);
      auto claim = ClaimFolder(claims).take(name, std::nullopt);
      if (!claim) continue;
      file.append(name + "\n");
      held.push_back(std::move(claim));
    }
    for (auto& claim : held) claim.release();  // the pointer: its process dies with it
  });
  EXPECT_EQ(taken.size(), packs);
  for (const auto& [name, count] : taken) EXPECT_EQ(count, 1) << name;
}

TEST_F(Claims, IsTakenByOneOfManyProcessesAlone) {
  expect_each_pack_taken_once(path_, temporary_.path(), 50);
}

// A claim that was released frees its file's name, which is not to be taken a second time.
TEST_F(Claims, IsTakenOnceInEachGeneration) {
  const auto taken = lines_of_racing_processes(8, temporary_.path(), [&](AppendFile& file) {
    for (std::int64_t generation = -1; generation < 60;) {
      const auto all = folder().all();
      const auto seen = all.find("pack");
      const auto last = seen == all.end() ? std::nullopt : std::optional(seen->second);
      generation = last ? last->generation : -1;
      if (last && last->record.phase == ClaimPhase::held) continue;
      std::this_thread::yield();  // in which the others go on
      const auto claim = folder().take("pack", last);
      if (!claim) continue;
      file.append(fmt::format("{}\n", claim->view().generation));
      claim->release();
    }
  });
  EXPECT_GE(taken.size(), 61);
  for (const auto& [generation, count] : taken) EXPECT_EQ(count, 1) << generation;
}

TEST_F(Claims, IsNotTakenInAGenerationThatWasReleasedSinceItWasSeen) {
  folder().take("pack", std::nullopt)->release();
  EXPECT_EQ(folder().take("pack", std::nullopt), nullptr);
  EXPECT_EQ(newest("pack").record.phase, ClaimPhase::released);
  for (const auto& entry : fs::directory_iterator(path_)) {
    EXPECT_EQ(entry.path().filename(), "pack.0.released");
  }
}

TEST_F(Claims, IsTakenByOneOfManyThreadsAlone) {
  std::mutex mutex;
  std::vector<std::unique_ptr<HeldClaim>> held;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        auto claim = folder().take("pack", std::nullopt);
        const std::lock_guard lock(mutex);
        if (claim) held.push_back(std::move(claim));
      });
    }
  }
  EXPECT_EQ(held.size(), 1);
}

// As on exFAT or SMB: exclusive creation takes the place of link(2).
TEST_F(Claims, IsTakenByOneAloneWhereThereAreNoHardLinks) {
  const test::CapturedLog log;
  const test::FailingCalls calls(path_, {{test::SystemCall::link}, EPERM, false, true}, 1);
  expect_each_pack_taken_once(path_, temporary_.path(), 20);
  EXPECT_EQ(newest("pack0").record.phase, ClaimPhase::held);
  const auto again = folder().take("pack0", newest("pack0"));
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(newest("pack0").record.owner, ProcessIdentity::mine());
}

TEST_F(Claims, SaysWhoHasItAndIsFreeAfterItsRelease) {
  EXPECT_TRUE(folder().all().empty());
  const auto claim = folder().take("pack", std::nullopt);
  ASSERT_NE(claim, nullptr);
  EXPECT_EQ(newest("pack").record.owner, ProcessIdentity::mine());
  EXPECT_EQ(ClaimWatch().look(newest("pack")), ClaimHolder::alive);
  EXPECT_FALSE(claim->is_lost());
  claim->release();
  EXPECT_EQ(newest("pack").record.phase, ClaimPhase::released);
  EXPECT_EQ(ClaimWatch().look(newest("pack")), ClaimHolder::nobody);
  const auto again = folder().take("pack", newest("pack"));
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->view().generation, 1);
}

TEST_F(Claims, CarriesDeathsOverToWhoTakesItAndForgetsThemWithARelease) {
  auto seen = folder().take("pack", std::nullopt)->view();
  seen.record = seen.record.after_death("signal 11").after_death("signal 9");
  {
    const auto claim = folder().take("pack", seen);
    ASSERT_NE(claim, nullptr);
    const auto& [owner, phase, beat, time, deaths, last, progress] = newest("pack").record;
    EXPECT_EQ(phase, ClaimPhase::held);
    EXPECT_EQ(owner, ProcessIdentity::mine());
    EXPECT_EQ(deaths, 2);
    EXPECT_EQ(last, "signal 9");
  }
  EXPECT_EQ(newest("pack").record.deaths, 0);
  EXPECT_EQ(folder().take("pack", newest("pack"))->view().record.deaths, 0);
}

TEST_F(Claims, SayWithTheNextBeatThatWorkGotOnSinceItsOwnersDied) {
  auto seen = folder().take("pack", std::nullopt)->view();
  seen.record = seen.record.after_death("signal 11");
  const auto claim = folder().take("pack", seen);
  claim->forget_deaths();
  const auto end = std::chrono::steady_clock::now() + 5 * HeldClaim::kBeat;
  while (newest("pack").record.deaths > 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(newest("pack").record.deaths, 0);
  EXPECT_EQ(newest("pack").record.last_death, "");
}

TEST_F(Claims, OfAProcessIsItsOwnWhileThatLivesAndNobodysOnceItIsDead) {
  Child child([&] {
    const auto claim = folder().take("pack", std::nullopt);
    ::pause();
  });
  while (!folder().all().contains("pack")) std::this_thread::sleep_for(1ms);
  ClaimWatch watch;
  EXPECT_EQ(newest("pack").record.owner.process, child.id());
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::alive);
  child.kill();
  child.wait();
  EXPECT_EQ(newest("pack").record.phase, ClaimPhase::held);
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::nobody);

  auto dead = newest("pack");
  dead.record = dead.record.after_death("signal 9");
  folder().write(dead);
  EXPECT_EQ(newest("pack").record.phase, ClaimPhase::lost);
  EXPECT_EQ(newest("pack").record.last_death, "signal 9");
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::nobody);
  folder().release(dead);
  EXPECT_EQ(newest("pack").record.phase, ClaimPhase::released);
}

TEST_F(Claims, OfAnotherMachineIsAliveWhileItsBeatGrowsAndNobodysWhenItStays) {
  ClaimWatch watch(50ms);
  write_foreign(3, 7);
  EXPECT_EQ(newest("pack").record.progress.runs, 8);
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::unproven);
  write_foreign(3, 8);
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::alive);
  std::this_thread::sleep_for(60ms);
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::nobody);
  write_foreign(3, 9);
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::alive);
  write_foreign(4, 0);
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::unproven);
  std::this_thread::sleep_for(60ms);
  EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::nobody);
}

TEST_F(Claims, ThatAnotherProcessTookOverIsLeftToIt) {
  const auto first = folder().take("pack", std::nullopt);
  const auto kept = folder().take("other", std::nullopt);
  auto second = folder().take("pack", newest("pack"));
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(first->is_lost());
  EXPECT_FALSE(second->is_lost());
  const auto stale = read_file(path_ / "pack.0");

  first->report({10, 20, 3, 4.5});
  second->report({11, 20, 2, 5.5});
  while (newest("other").record.beat == 0 || newest("pack").record.beat == 0) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(read_file(path_ / "pack.0"), stale);
  EXPECT_EQ(newest("pack").record.progress.step, 11);
  first->release();
  EXPECT_TRUE(fs::exists(path_ / "pack.0"));
  EXPECT_EQ(newest("pack").generation, 1);
  EXPECT_EQ(newest("pack").record.phase, ClaimPhase::held);
  second->release();
  EXPECT_TRUE(first->is_lost()) << "also after the other one's release";
}

TEST_F(Claims, WhoseFileIsDamagedIsHeldByNobodyKnownForAWhile) {
  for (const auto* damage : {"", "{", "[]", "null", "\xff\xfe", R"({"phase": "held"})",
                             R"({"phase": "asleep", "host": 1})"}) {
    temporary_.write("claims/pack.2", damage);
    ClaimWatch watch(1ms);
    EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::unproven) << damage;
    std::this_thread::sleep_for(2ms);
    EXPECT_EQ(watch.look(newest("pack")), ClaimHolder::nobody) << damage;
  }
  EXPECT_EQ(folder().take("pack", newest("pack"))->view().generation, 3);
}

TEST_F(Claims, AreFilesOfTheirNameAlone) {
  for (const auto* name : {"pack", "pack.x", "pack.1.part", "pack.1x", ".pack.1-0a", ".pack.1",
                           ".host-12-pack.1", "readme.txt"}) {
    temporary_.write(fs::path("claims") / name, "{}");
  }
  EXPECT_TRUE(folder().all().empty());
  temporary_.write("claims/a.pack.9", "{}");
  temporary_.write("claims/a.pack.10.released", "{}");
  const auto all = folder().all();
  ASSERT_EQ(all.size(), 1);
  EXPECT_EQ(all.begin()->first, "a.pack");
  EXPECT_EQ(all.begin()->second.generation, 10);
  EXPECT_EQ(all.begin()->second.record.phase, ClaimPhase::released);
}

TEST_F(Claims, AreReleasedWhereNothingCanBeWritten) {
  Child child([&] {
    const auto claim = folder().take("pack", std::nullopt);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit nothing{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &nothing);
    EXPECT_THROW(folder().take("other", std::nullopt), FileError);
    claim->release();
    if (testing::Test::HasFailure()) throw std::runtime_error("took what it could not");
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(newest("pack").record.phase, ClaimPhase::released);
  EXPECT_FALSE(folder().all().contains("other"));
  for (const auto& entry : fs::directory_iterator(path_)) {
    EXPECT_EQ(entry.path().filename(), "pack.0.released");
  }
}

}  // namespace
}  // namespace groklab
