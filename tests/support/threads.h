#pragma once

#include <groklab/parallel.h>

namespace groklab::test {

// Another number of threads, while it lives.
class Threads {
 public:
  explicit Threads(int count) : before_(thread_count()) { set_thread_count(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { set_thread_count(before_); }

 private:
  int before_;
};

}  // namespace groklab::test
