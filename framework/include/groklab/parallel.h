#pragma once

#include <cstdint>
#include <functional>
#include <string>

// Compiles a function for the vector instructions of several processors; which of them runs is
// settled when the library is loaded. What it calls has to be inlined into it.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GROKLAB_VECTORIZED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GROKLAB_VECTORIZED
#endif
#define GROKLAB_INLINE __attribute__((always_inline)) inline

namespace groklab {

// Runs item(0) … item(items − 1), each once, on the threads of the process, and returns when all
// are done. Who runs which is chance, so that an item must write only what is its own, and sums
// over items are taken in a fixed order afterwards: then results do not depend on the number of
// threads. Inside an item a further call runs its items one after another in the same thread.
// An exception of an item is thrown again here, after the others have ended.
void parallel_for(std::int64_t items, const std::function<void(std::int64_t)>& item);

inline constexpr int kMostThreads = 1024;

// The number of threads, with the caller's. At first OMP_NUM_THREADS if that is a number in
// [1, kMostThreads] (or a list that begins with one), otherwise the processors that the process may
// use. Fewer if the system starts no more.
int thread_count();
void set_thread_count(int count);  // in [1, kMostThreads]; not while parallel_for runs

// Why OMP_NUM_THREADS is not followed; empty if it is, or is not set.
std::string thread_setting_problem();

// Whether the caller runs inside an item.
bool inside_parallel_for();

}  // namespace groklab
