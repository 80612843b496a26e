#pragma once

#include <chrono>
#include <string>

namespace groklab {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string utc_now();  // 2026-01-31T12:00:00Z

}  // namespace groklab
