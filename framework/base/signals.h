#pragma once

namespace groklab {

// While one lives, SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 ask for a stop and do nothing else: batch
// systems differ in which of them they send, and Slurm sends SIGTERM twice. A second SIGINT, from
// someone at a terminal who does not want to wait, ends the process at once, with kInterrupted and
// without a checkpoint.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  static bool stop_requested();
};

}  // namespace groklab
