#pragma once

#include <groklab/profile.h>

#include <cstdint>
#include <nlohmann/json.hpp>

namespace groklab {

// Where the time of some steps went.
struct StepProfile {
  std::int64_t steps = 0;
  Profile total;  // of all of them

  double milliseconds() const;              // a step
  double milliseconds_of(Work work) const;  // of every thread, a step
  double multiply_adds() const;             // of a step's products
  double gflops() const;                    // over the whole step
  double products_gflops() const;           // while threads make products; 0 without any
};

// Rates are also given as fractions of `gemm_gflops`, the machine's.
nlohmann::ordered_json to_json(const StepProfile& profile, double gemm_gflops);

}  // namespace groklab
