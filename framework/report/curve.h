#pragma once

#include "store/metrics.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Draws the curve of a run, accuracy above and loss below over the logarithm of the step, with
// lines at steps_to_memorize and steps_to_generalize: curve.svg and curve.png in `folder`, by way
// of curve.gp, a gnuplot script with the numbers in it, kept for restyling. Returns why there is no
// picture, if there is none: gnuplot is missing or failed, or nothing to draw yet.
std::optional<std::string> draw_curve(const std::filesystem::path& folder, const std::string& title,
                                      const std::vector<MetricsRow>& rows);

}  // namespace groklab
