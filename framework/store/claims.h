#pragma once

#include "store/process_identity.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace groklab {

// How far the holder of a claim is.
struct WorkProgress {
  std::int64_t step = 0, steps = 0;  // of each run
  std::int64_t runs = 0;             // that are trained at once
  double steps_per_second = 0;       // of all of them together; 0 until it is known
};

enum class ClaimPhase {
  held,      // its owner is at work, or died without a word
  released,  // by its owner
  lost,      // its owner died, as someone saw who then wrote so
};

// What a claim's file says.
struct ClaimRecord {
  ProcessIdentity owner;
  ClaimPhase phase = ClaimPhase::held;
  std::int64_t beat = 0;   // grows while the owner lives
  std::string seen;        // when it last grew, by the owner's clock: 2026-01-31T12:00:00Z
  int deaths = 0;          // owners that died with it, and no checkpoint in between
  std::string last_death;  // how the last of them did
  WorkProgress progress;

  // With one death more if its owner died.
  ClaimRecord after_death(const std::string& how) const;
};

// A claim in a folder at its newest generation.
struct ClaimView {
  std::string name;
  std::int64_t generation = 0;
  ClaimRecord record;
};

class HeldClaim;

// The claims in a folder that several machines may share. Each is a file <name>.<generation>. Who
// takes a claim makes the file of the next generation by link(2), which only one can, also on a
// network file system; no generation is ever made twice, so nobody who was slow takes what another
// one has. The owner rewrites its file every few
// seconds, and renames it to <name>.<generation>.released in the end.
class ClaimFolder {
 public:
  explicit ClaimFolder(std::filesystem::path path);  // made when the first claim is taken

  // The newest generation of every claim, by name. One that cannot be read is held by nobody known,
  // and one that was released has no more than that in its record.
  std::map<std::string, ClaimView> all() const;

  // Takes `name`, whose newest generation was `seen`; nullopt of `seen`: it has none. The record
  // takes deaths over. Returns nullptr if another process was faster.
  std::unique_ptr<HeldClaim> take(const std::string& name, const std::optional<ClaimView>& seen);

  // For an owner that is dead: writes the record, such as how it ended, or lets go of its claim.
  void write(const ClaimView& claim) const;
  void release(const ClaimView& claim) const;

 private:
  friend class HeldClaim;
  std::filesystem::path file(const ClaimView& claim) const;

  std::filesystem::path path_;
};

// A claim that this process holds; a thread of it writes the beats. Let go of by `release` or at
// the end of its life.
class HeldClaim {
 public:
  static constexpr std::chrono::seconds kBeat{2};

  HeldClaim(ClaimFolder folder, ClaimView view);
  HeldClaim(const HeldClaim&) = delete;
  HeldClaim& operator=(const HeldClaim&) = delete;
  ~HeldClaim();

  const ClaimView& view() const { return view_; }
  void report(const WorkProgress& progress);
  void forget_deaths();  // of earlier owners: work got on since

  // Another process took this for dead and has the claim now: stop without writing.
  bool is_lost();

  void release();

 private:
  void write_beats(const std::stop_token& stop);
  void write(const ClaimRecord& record) const;

  const ClaimFolder folder_;
  ClaimView view_;
  std::mutex mutex_;  // of the record
  std::condition_variable_any wake_;
  std::atomic<bool> is_lost_ = false;
  bool is_released_ = false;
  std::jthread thread_;
};

// Who has a claim, for all that is known.
enum class ClaimHolder {
  nobody,  // or one who is dead
  alive,
  unproven,  // on another machine, with no sign of life since it was first looked at
};

// Tells whether owners of claims live. One of this machine lives if its process does; one of
// another machine if its beat grows, and it is dead if that stays as it is for kPatience, by this
// process's clock: clocks of machines differ. Network file systems may show what was true a minute
// ago (nfs(5), acregmax), so patience is more than that.
class ClaimWatch {
 public:
  static constexpr std::chrono::seconds kPatience{120};

  explicit ClaimWatch(std::chrono::milliseconds patience = kPatience) : patience_(patience) {}

  ClaimHolder look(const ClaimView& claim);

 private:
  struct Sight {
    std::int64_t generation, first_beat, beat;
    std::chrono::steady_clock::time_point since;  // with this beat
  };

  std::chrono::milliseconds patience_;
  std::map<std::string, Sight> sights_;
};

}  // namespace groklab
