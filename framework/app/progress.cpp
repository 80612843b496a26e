#include "app/progress.h"

#include "app/units.h"
#include "base/text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace groklab {
namespace {

using std::chrono::steady_clock;

constexpr auto kTerminalInterval = std::chrono::milliseconds(200);
constexpr auto kPlainInterval = std::chrono::seconds(15);
constexpr std::size_t kBarWidth = 24;

std::string bar(double share) {
  const auto filled = static_cast<std::size_t>(share * kBarWidth);
  return fmt::format("[{:#<{}}{:.<{}}]", "", filled, "", kBarWidth - filled);
}

}  // namespace

std::string progress_text(const Progress& progress) {
  const auto left = static_cast<double>(progress.steps - progress.step) / progress.steps_per_second;
  const auto runs = progress.runs == 1 ? "" : fmt::format(" of {} runs", progress.runs);
  return fmt::format("step {}/{}{}, {:.1f} steps/s, train {:.3f}, val {:.3f}, {} left",
                     progress.step, progress.steps, runs, progress.steps_per_second,
                     progress.train_accuracy, progress.val_accuracy, clock_text(left));
}

ProgressDisplay::ProgressDisplay()
    : terminal_(::isatty(STDERR_FILENO) == 1), last_(steady_clock::now()) {}

ProgressDisplay::~ProgressDisplay() {
  if (drawn_) std::fputc('\n', stderr);
}

bool ProgressDisplay::is_due() const {
  const auto interval = terminal_ ? steady_clock::duration(kTerminalInterval) : kPlainInterval;
  return steady_clock::now() - last_ >= interval;
}

void ProgressDisplay::show(const Progress& progress) {
  if (!is_due() && progress.step < progress.steps) return;
  show(static_cast<double>(progress.step) / static_cast<double>(progress.steps),
       progress_text(progress));
}

void ProgressDisplay::show(double share, const std::string& text) {
  last_ = steady_clock::now();
  if (terminal_) {
    fmt::print(stderr, "\r{} {}\x1b[K", bar(share), text);
    std::fflush(stderr);
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

void ProgressDisplay::say(const std::string& line) {
  fmt::print(stderr, "{}{}\n", drawn_ ? "\r\x1b[K" : "", printable(line));
  drawn_ = false;
}

}  // namespace groklab
