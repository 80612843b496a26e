#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// Texts of a figure as gnuplot takes them. Lengths are in pixels, sizes of type too.

// One line of valid UTF-8: control characters and line ends become spaces, what reorders a line is
// left out, and bytes that are no UTF-8 become U+FFFD.
std::string plain(std::string_view text);

// plain() as a gnuplot string in which nothing has a meaning. Where it is shown, `noenhanced` keeps
// ^, _, @, &, ~ and braces as they are.
std::string literal(std::string_view text);

// As wide as it is about to be in DejaVu Sans.
double text_width(std::string_view text, double size);

// Cut off with an ellipsis where it is wider.
std::string shortened(std::string_view text, double width, double size);

// Broken into lines between words; a word wider than a line is broken too. What goes beyond
// `max_lines` is cut off with an ellipsis. None of an empty text.
std::vector<std::string> wrapped(std::string_view text, double width, double size,
                                 std::size_t max_lines);

// Lines as one gnuplot string.
std::string literal_lines(const std::vector<std::string>& lines);

}  // namespace groklab
