#include "base/signals.h"

#include "base/exit_codes.h"

#include <unistd.h>

#include <array>
#include <csignal>

namespace groklab {
namespace {

constexpr std::array kStopSignals{SIGINT, SIGTERM, SIGUSR1, SIGUSR2};

volatile std::sig_atomic_t requested = 0, interrupted = 0;
std::array<struct sigaction, kStopSignals.size()> former;

extern "C" void request_stop(int signal) {
  if (signal == SIGINT && interrupted != 0) ::_exit(kInterrupted);
  if (signal == SIGINT) interrupted = 1;
  requested = 1;
}

}  // namespace

StopSignals::StopSignals() {
  requested = 0;
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    sigaction(kStopSignals[i], &action, &former[i]);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    sigaction(kStopSignals[i], &former[i], nullptr);
  }
}

bool StopSignals::stop_requested() { return requested != 0; }

}  // namespace groklab
