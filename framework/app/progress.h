#pragma once

#include "train/session.h"

#include <chrono>

namespace groklab {

// Shows on standard error how far work is: a bar that redraws itself on a terminal, and a plain
// line now and then anywhere else.
class ProgressDisplay {
 public:
  ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay();  // ends the bar's line

  void show(const Progress& progress);  // of a run, if it is due

  bool is_due() const;  // it is some time since anything was shown
  void show(double share, const std::string& text);
  void say(const std::string& line);  // above the bar

 private:
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

// "step 1200/4000, 9.8 steps/s, train 1.000, val 0.734, 4:45 left".
std::string progress_text(const Progress& progress);

}  // namespace groklab
