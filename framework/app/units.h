#pragma once

#include <cstddef>
#include <string>

namespace groklab {

// "1 run", "3 runs": a count of what adds an s.
std::string counted(std::size_t count, const char* word);

// "512 B", "1.4 GiB"; three digits.
std::string bytes_text(double bytes);

// "0.4 s", "12 min", "3 h 20 min", "5 d 4 h": two units at most.
std::string duration_text(double seconds);

// The same as a clock shows it: "4:45", "1:04:45"; "?" if it is not finite.
std::string clock_text(double seconds);

// "1.27e+15", "960": a count that may be large, with three digits.
std::string count_text(double count);

}  // namespace groklab
