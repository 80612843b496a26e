// Each thread sums its own times, and adds them to the sums of all when its outermost mark ends.
// For an item of parallel_for that is before it counts as done, so that nothing is missing later.
#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <utility>

namespace groklab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kWorks = kAllWork.size();

struct Sums {
  std::array<std::atomic<std::int64_t>, kWorks> nanoseconds{};
  std::atomic<std::int64_t> multiply_adds{0};
};

Sums all;

std::int64_t nanoseconds_between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(end - start).count();
}

// A thread's work since its outermost mark began.
struct ThreadWork {
  std::array<std::int64_t, kWorks> nanoseconds{};
  std::int64_t multiply_adds = 0;
  Work current = Work::rest;
  Clock::time_point since;  // it does `current`
  int marks = 0;            // that are open

  void change_to(Work next) {
    const auto now = Clock::now();
    auto& spent = nanoseconds[static_cast<std::size_t>(current)];
    if (marks > 0) spent += nanoseconds_between(since, now);
    current = next;
    since = now;
  }

  void hand_over() {
    for (std::size_t i = 0; i < kWorks; ++i) {
      const auto time = std::exchange(nanoseconds[i], 0);
      if (time > 0) all.nanoseconds[i].fetch_add(time, std::memory_order_relaxed);
    }
    all.multiply_adds.fetch_add(std::exchange(multiply_adds, 0), std::memory_order_relaxed);
  }
};

thread_local ThreadWork mine;

std::optional<TimedWork> whole;  // the caller's, from start to stop
Clock::time_point started;

}  // namespace

std::atomic<bool> TimedWork::profiling_{false};

const char* name_of(Work work) {
  static constexpr std::array<const char*, kWorks> kNames{
      "products",  "attention", "norms",      "elementwise", "loss",
      "optimizer", "sampling",  "evaluation", "rest",        "waiting"};
  return kNames[static_cast<std::size_t>(work)];
}

Work TimedWork::current() { return mine.current; }

void TimedWork::begin(Work work, std::int64_t multiply_adds) {
  outer_ = mine.current;
  mine.change_to(work);
  ++mine.marks;
  mine.multiply_adds += multiply_adds;
}

void TimedWork::end() {
  mine.change_to(outer_);
  if (--mine.marks == 0) mine.hand_over();
}

void start_profile() {
  for (auto& sum : all.nanoseconds) sum = 0;
  all.multiply_adds = 0;
  started = Clock::now();
  TimedWork::profiling_ = true;
  whole.emplace(Work::rest);
}

Profile stop_profile() {
  whole.reset();
  TimedWork::profiling_ = false;
  Profile profile;
  profile.seconds = 1e-9 * static_cast<double>(nanoseconds_between(started, Clock::now()));
  profile.threads = thread_count();
  profile.multiply_adds = all.multiply_adds;
  std::transform(all.nanoseconds.begin(), all.nanoseconds.end(), profile.thread_seconds.begin(),
                 [](const auto& sum) { return 1e-9 * static_cast<double>(sum); });
  // Who works on nothing waits: for items, or at the end of parallel_for.
  auto& waiting = profile.thread_seconds[static_cast<std::size_t>(Work::waiting)];
  const auto& times = profile.thread_seconds;
  const auto busy = std::accumulate(times.begin(), times.end(), 0.0) - waiting;
  waiting = std::max(0.0, profile.threads * profile.seconds - busy);
  return profile;
}

}  // namespace groklab
