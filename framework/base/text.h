#pragma once

#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other
// (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidates most like `word`, best first, at most three; those with little in common are left
// out. One that is known elsewhere by that word (lr) is the only answer.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'adamw'?", or "; known: a, b, c" where nothing is near, for the end of an error.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

// As a field of CSV (RFC 4180): in quotes if it has to be, or is empty, unlike a field of nothing.
std::string csv_field(const std::string& text);

// The number of bytes of the control character that begins at text[i] (ASCII's, or U+0080 to U+009F
// in UTF-8), 0 if none does.
std::size_t control_bytes(std::string_view text, std::size_t i);

// Text for a terminal: control characters but tab and line break become \x1b, for text of others
// must not move the cursor, hide lines or set the window's title.
std::string printable(std::string_view text);

// Whether an exception says that memory ran out: std::bad_alloc, or LibTorch's of CPU or device.
bool is_out_of_memory(const std::exception& error);

// What an exception says, printable. LibTorch's add a stack trace to their message; that is cut
// off. If memory ran out it says so, and what needs less.
std::string message_of(const std::exception& error);

// Text for a place where & < > have a meaning, as in HTML.
std::string escape_markup(std::string_view text);

// A template with each @key@ replaced by its value, as it is; what is no key stays.
std::string filled(std::string_view text, const std::map<std::string, std::string>& values);

inline constexpr std::string_view kAlphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// The text, or as much of it as goes into `bytes`, and then "…". UTF-8 stays whole.
std::string shortened(std::string_view text, std::size_t bytes);

std::string join(const std::vector<std::string>& words, std::string_view separator);

// What stands between the separators, without the spaces around it; empty parts are left out.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace groklab
