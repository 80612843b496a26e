#pragma once

#include "app/sweep_options.h"

#include <filesystem>

namespace groklab {

// What `groklab run` is told.
struct RunOptions : SweepOptions {
  std::filesystem::path out;
  int jobs = 1;
  int threads = 0;  // 0: as many as there are
  bool print = false;
  bool retry_failed = false;
  bool fail_fast = false;
};

}  // namespace groklab
