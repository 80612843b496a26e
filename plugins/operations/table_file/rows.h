#pragma once

#include <cstdint>
#include <string>
#include <vector>

// A line of a table: x ∘ y = z.
struct Row {
  std::int64_t x, y, z;  // in [0, Operation::kMaxSize)
  std::int64_t line;     // from 1
};

// The rows of a CSV file, at least one. Throws groklab::Error with file and line on the first that
// is not three elements.
std::vector<Row> read_rows(const std::string& file);

// Throws groklab::Error: "table.csv:3: message".
[[noreturn]] void refuse_row(const std::string& file, std::int64_t line,
                             const std::string& message);
