#pragma once

namespace groklab {

// While one lives, SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 ask for a stop and do nothing else: batch
// systems differ in which of them they send. A second signal of the same kind has its usual effect.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  static bool stop_requested();
};

}  // namespace groklab
