#pragma once

#include <cstddef>
#include <vector>

namespace groklab {

// Indices, rising, of at most `limit` values of a curve that looks like the whole: the first and
// the last, and of each of equal stretches of log x (of x, if x has values below 0) the least and
// the greatest y. So no extreme is lost, if the limit is 4 or more. A value that is not finite, and
// so interrupts a line, is kept in each stretch that has one, if the limit is 5 or more. x is
// finite.
std::vector<std::size_t> thinned(const std::vector<double>& x, const std::vector<double>& y,
                                 std::size_t limit);

}  // namespace groklab
