#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace groklab {

// Kinds of work that a step's time is divided into.
enum class Work {
  products,     // of matrices
  attention,    // besides products that are made one by one
  norms,        // layer norms and the like
  elementwise,  // activations, sums, copies
  loss,
  optimizer,
  sampling,    // of batches
  evaluation,  // besides products and the like
  rest,        // marked as nothing
  waiting,     // of threads for each other
};

inline constexpr std::array kAllWork{
    Work::products,  Work::attention, Work::norms,      Work::elementwise, Work::loss,
    Work::optimizer, Work::sampling,  Work::evaluation, Work::rest,        Work::waiting};
const char* name_of(Work work);  // "products"

// Where the time of all threads went between start_profile and stop_profile.
struct Profile {
  std::array<double, kAllWork.size()> thread_seconds{};  // by kind; together threads · seconds
  std::int64_t multiply_adds = 0;                        // of products
  double seconds = 0;                                    // that passed
  int threads = 0;                                       // those of parallel_for

  double seconds_of(Work work) const { return thread_seconds[static_cast<std::size_t>(work)]; }
  double share_of(Work work) const { return seconds_of(work) / (threads * seconds); }
};

// One profile at a time. Both are called by the thread that calls parallel_for in between, outside
// of everything marked; it counts as working all the while, other threads while they run items.
void start_profile();
Profile stop_profile();

// Marks what the calling thread does while it lives:
//
//   const TimedWork work(Work::products, rows * inner * columns);
//
// Marks nest, and a moment belongs to the innermost. Items of parallel_for are marked as its caller
// is. Without a profile a mark costs one load; with one, two readings of the clock, some 50 ns:
// mark what takes microseconds.
class TimedWork {
 public:
  explicit TimedWork(Work work, std::int64_t multiply_adds = 0)
      : is_timed_(profiling_.load(std::memory_order_relaxed)) {
    if (is_timed_) begin(work, multiply_adds);
  }
  TimedWork(const TimedWork&) = delete;
  TimedWork& operator=(const TimedWork&) = delete;
  ~TimedWork() {
    if (is_timed_) end();
  }

  // What the calling thread is marked as; rest without a mark or a profile.
  static Work current();

 private:
  friend void start_profile();
  friend Profile stop_profile();

  void begin(Work work, std::int64_t multiply_adds);
  void end();

  static std::atomic<bool> profiling_;

  const bool is_timed_;
  Work outer_{};
};

}  // namespace groklab
