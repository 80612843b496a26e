#pragma once

#include "report/quantity.h"
#include "report/study.h"
#include "store/request.h"
#include "store/table_writer.h"

#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Whether runs bear a claim out: undecided if they are too few, not done, or cannot tell.
enum class Verdict { holds, fails, undecided };
std::string to_text(Verdict verdict);

// What came of an expectation of the spec.
struct Finding {
  Request expectation;
  std::string claim;      // in words
  std::string statistic;  // with its runs and bounds: "median steps … (seed=1), to be at most 900"
  Verdict verdict = Verdict::undecided;
  std::string reason;  // why it is undecided
  std::optional<Estimate> estimate;

  std::string numbers() const;  // "850, 95 % interval 800 to 1100, n = 5"; empty: there are none
};

// Of each expectation that the study's spec states, in its order. A claim holds if the whole 95 %
// interval of its statistic is within the bounds, and fails if the whole of it is outside, where
// all of its runs are done and they are as many as the expectation asks for.
std::vector<Finding> findings_of(const Study& study);

// As the table `verdicts`, a row a finding.
void write_findings(TableWriter& writer, const std::vector<Finding>& findings);

}  // namespace groklab
