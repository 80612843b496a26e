#pragma once

#include "app/step_profile.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab {

// Where and with what a benchmark ran.
struct BenchContext {
  std::string date;  // UTC
  std::string processor;
  std::int64_t cores = 0, threads = 0;  // processors of the machine; threads of ours
  std::string groklab, libtorch;        // versions
  std::string experiment, device, precision;
};

// What training R replicas together came to.
struct PackTiming {
  std::int64_t replicas = 0;
  std::int64_t steps = 0;           // timed
  double seconds_per_step = 0;      // of the median block of steps
  double fastest = 0, slowest = 0;  // block, in seconds a step
  double evaluation_seconds = 0;    // of all pairs, for all replicas; median
  double peak_mib = 0;              // resident memory of the process until then
  std::int64_t operators = 0;       // of LibTorch that a step calls, views aside
  StepProfile profile;              // of further steps; of none on a device

  double steps_per_second() const { return 1 / seconds_per_step; }
  double replica_steps_per_second() const {
    return static_cast<double>(replicas) * steps_per_second();
  }
  double evaluation_steps() const { return evaluation_seconds / seconds_per_step; }
};

// Our speed and another program's, one measured right after the other, in steps per second.
struct SpeedPair {
  double ours = 0, peer = 0;

  double ratio() const { return ours / peer; }
};

struct BenchReport {
  BenchContext context;
  double gemm_gflops = 0;
  std::vector<PackTiming> packs;  // of more and more replicas; the first has one
  std::string against;            // the other program's command; empty: none
  std::vector<SpeedPair> pairs;
};

double median_ratio(const std::vector<SpeedPair>& pairs);

// The MiB that each further replica took, from one pack to a larger one.
double mib_per_replica(const PackTiming& smaller, const PackTiming& larger);

std::string to_text(const BenchContext& context);
std::string pack_heading();
std::string pack_line(const std::vector<PackTiming>& packs);  // of the last one
std::string operators_line(const std::vector<PackTiming>& packs);
std::string profile_table(const BenchReport& report);
std::string pair_line(std::size_t number, const SpeedPair& pair);

nlohmann::ordered_json to_json(const BenchReport& report);

}  // namespace groklab
