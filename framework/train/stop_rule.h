#pragma once

#include "spec/experiment.h"
#include "store/metrics.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Whether a run ends before its last step, as the section `stop` of its spec says. The answer
// follows from the rows of its metrics alone, so a run that is resumed ends where it would have.
class StopRule {
 public:
  explicit StopRule(const Experiment& experiment, const std::vector<MetricsRow>& rows = {});

  void observe(const MetricsRow& row);  // each once, in the order of their steps

  // The step of the row at which the run ends; nullopt: none of those observed.
  std::optional<std::int64_t> stopped_at() const { return stopped_at_; }

  // Where and why it ends, in words and for run.json. Only with stopped_at().
  std::string reason() const;
  nlohmann::ordered_json facts() const;

 private:
  bool on_generalization_;
  std::int64_t patience_, last_step_;
  std::optional<std::int64_t> solved_since_, stopped_at_;
};

}  // namespace groklab
