#pragma once

#include "store/json_field.h"
#include "store/metrics.h"

#include <cstdint>
#include <optional>

namespace groklab {

// What run.json says that its last session came to. Both throw Error where something is of another
// type; of a RunRecord they do not, as its reader has tried them.

// nullopt: there is no summary. What it lacks was never reached, or is not a number: earlier
// versions recorded less.
std::optional<Summary> recorded_summary(const JsonField& run);

// The step at which the stop rule ended the run; nullopt: it did not.
std::optional<std::int64_t> recorded_stop(const JsonField& run);

}  // namespace groklab
