#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace groklab {

// How plain text in YAML reads as a number. Stricter than YAML: no octal (010), no hexadecimal, no
// underscores, no infinities. nullopt: not such a number.

// 97, -3, and 1e5 as a whole number written short.
std::optional<std::int64_t> parse_integer(std::string_view text);

// 0.5, 1e-3, 97.
std::optional<double> parse_real(std::string_view text);

}  // namespace groklab
