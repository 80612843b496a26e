#pragma once

#include "app/plan_costs.h"

#include <nlohmann/json.hpp>
#include <string>

namespace groklab {

// What a report says besides the plan.
struct PlanContext {
  std::string experiment;
  Workers workers;
  Resources resources;
};

// For the terminal: totals, why packs are split, and a line for each of the graphs with most work.
std::string plan_text(const SweepForecast& plan, const PlanContext& context);

// The same numbers, of every graph. Bytes and seconds; null is what is not known.
nlohmann::ordered_json plan_json(const SweepForecast& plan, const PlanContext& context);

}  // namespace groklab
