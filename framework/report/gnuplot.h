#pragma once

#include "report/figure.h"

#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// Draws a figure as <name>.<format> for each of `formats` (svg, png, pdf) in `folder`, by way of
// <name>.gp, a gnuplot script with the numbers in it, kept for restyling. Files are put in place
// whole. Returns the pictures. Throws Error if gnuplot is missing or fails, or a file cannot be
// written.
std::vector<std::filesystem::path> write_with_gnuplot(const Figure& figure,
                                                      const std::filesystem::path& folder,
                                                      const std::vector<std::string>& formats);

// The script: `pictures` are the files it writes, by format.
std::string gnuplot_script(const Figure& figure,
                           const std::vector<std::filesystem::path>& pictures);

}  // namespace groklab
