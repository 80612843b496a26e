#pragma once

#include "report/study.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Where a column of a run is exactly zero, at its evaluations after step 0.
struct ExactZeros {
  std::size_t evaluations = 0;              // at which it was measured
  std::size_t zeros = 0;                    // of these
  double first = 0;                         // step; of no meaning without zeros
  double longest_from = 0, longest_to = 0;  // steps of the longest stretch, by its steps
  std::size_t longest_evaluations = 0;      // in it, in a row
  bool is_to_the_end = false;               // the longest stretch ends with the run
};

// nullopt: it was not measured.
std::optional<ExactZeros> exact_zeros(const Curves& curves, const std::string& column);

// "batch_loss was exactly 0 at evaluations of 2 of 3 runs, at first at step 1200, the longest time
// from step 1500 to 9000 (45 evaluations in a row)", by group where there are several; "batch_loss
// was never exactly 0". Empty: no run measured it.
std::string exact_zeros_text(const std::vector<CellGroup>& groups, const std::string& column);

// That of each column as sentences, one after the other.
std::string exact_zeros_sentences(const std::vector<CellGroup>& groups,
                                  const std::vector<std::string>& columns);

}  // namespace groklab
