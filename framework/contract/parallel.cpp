// A pool of threads that wait briefly by spinning, because the phases of a training step follow
// each other within tens of microseconds, and then sleep, so that other processes get the core.
#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace groklab {
namespace {

constexpr int kSpins = 4000;  // some 100 µs
constexpr std::uint32_t kNoItem = ~std::uint32_t{0};

thread_local bool inside = false;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Waits until `value` is no longer `old`.
void wait_while(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  for (int spin = 0; spin < kSpins; ++spin) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
}

// A call of parallel_for is a generation. Its items are handed out by one counter that carries the
// generation's number, so that a thread which wakes up late can neither take an item of a call that
// is over nor delay one that is not.
class Pool {
 public:
  explicit Pool(int threads) {
    try {
      for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
    } catch (
        const std::system_error&) {  // the limit of the system: results are the same with fewer
    }
  }

  ~Pool() {
    stopping_ = true;
    generation_.fetch_add(1);
    generation_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  void run(std::uint32_t items, const std::function<void(std::int64_t)>& item) {
    const std::lock_guard lock(one_at_a_time_);
    const std::uint32_t generation = generation_.load() + 1;
    const auto first = std::uint64_t{generation} << 32;
    // A thread may still be looking for an item of the call before: it must not see this call's
    // number of items with that call's counter.
    next_ = first | kNoItem;
    item_ = &item;
    items_ = items;
    work_ = TimedWork::current();
    done_ = 0;
    failure_ = nullptr;
    next_ = first;
    generation_ = generation;
    generation_.notify_all();
    take_items(generation);
    const TimedWork waiting(Work::waiting);
    for (auto done = done_.load(); done != items; done = done_.load()) wait_while(done_, done);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void work() {
    std::uint32_t seen = 0;
    while (true) {
      wait_while(generation_, seen);
      seen = generation_;
      if (stopping_) return;
      take_items(seen);
    }
  }

  void take_items(std::uint32_t generation) {
    inside = true;
    auto next = next_.load();
    while (next >> 32 == generation) {
      const auto index = static_cast<std::uint32_t>(next);
      const auto items = items_.load();
      if (index >= items) break;
      if (!next_.compare_exchange_weak(next, next + 1)) continue;
      run_item(index);
      if (done_.fetch_add(1) + 1 == items) done_.notify_all();
      next = next_.load();
    }
    inside = false;
  }

  void run_item(std::int64_t index) {
    const TimedWork work(work_);
    try {
      (*item_)(index);
    } catch (...) {
      const std::lock_guard lock(failure_mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  std::vector<std::thread> workers_;
  std::mutex one_at_a_time_, failure_mutex_;
  const std::function<void(std::int64_t)>* item_ = nullptr;
  std::atomic<std::uint32_t> items_{0}, done_{0};
  std::atomic<Work> work_{Work::rest};        // what the caller is marked as
  std::atomic<std::uint64_t> next_{0};        // generation << 32 | index of the next item
  std::atomic<std::uint32_t> generation_{0};  // what the workers wait for
  std::atomic<bool> stopping_{false};
  std::exception_ptr failure_;
};

int processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1U, std::thread::hardware_concurrency());
}

constexpr const char* kThreadSetting = "OMP_NUM_THREADS";

// nullopt: it is not set, or to what is no number of threads. Of a list the first number is that of
// the outermost loop.
std::optional<int> threads_set() {
  const char* set = std::getenv(kThreadSetting);
  if (set == nullptr) return std::nullopt;
  const auto text = std::string_view(set).substr(0, std::string_view(set).find(','));
  const auto* end = text.data() + text.size();
  int count = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const bool is_count = error == std::errc() && rest == end && count >= 1 && count <= kMostThreads;
  return is_count ? std::optional(count) : std::nullopt;
}

int default_threads() { return threads_set().value_or(processors()); }

std::unique_ptr<Pool>& pool() {
  static std::unique_ptr<Pool> instance = std::make_unique<Pool>(default_threads());
  return instance;
}

// An exception of an item does not keep the items after it from running, as in a pool.
void run_one_by_one(std::int64_t items, const std::function<void(std::int64_t)>& item) {
  std::exception_ptr failure;
  for (std::int64_t i = 0; i < items; ++i) {
    try {
      item(i);
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void parallel_for(std::int64_t items, const std::function<void(std::int64_t)>& item) {
  if (inside || items <= 1 || pool()->threads() == 1) {
    run_one_by_one(items, item);
  } else {
    pool()->run(static_cast<std::uint32_t>(items), item);
  }
}

int thread_count() { return pool()->threads(); }

void set_thread_count(int count) {
  if (count == pool()->threads()) return;
  pool() = std::make_unique<Pool>(std::clamp(count, 1, kMostThreads));
}

std::string thread_setting_problem() {
  const char* set = std::getenv(kThreadSetting);
  if (set == nullptr || *set == '\0' || threads_set()) return "";
  return std::string(kThreadSetting) + " is '" + std::string(set).substr(0, 40) +
         "', which is no number in [1, " + std::to_string(kMostThreads) + "]; all " +
         std::to_string(processors()) + " processors are used";
}

bool inside_parallel_for() { return inside; }

}  // namespace groklab
