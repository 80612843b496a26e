#pragma once

#include <cstddef>
#include <vector>

namespace groklab {

// Indices, rising, of at most `limit` values of a curve that looks like the whole: the first and the
// last, and of each of equal stretches of log x (of x, if x has values below 0) the least and the
// greatest y. So no extreme is lost. NaN is kept where it interrupts a line.
std::vector<std::size_t> thinned(const std::vector<double>& x, const std::vector<double>& y,
                                 std::size_t limit);

}  // namespace groklab
