#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace groklab {

// What stands in one place of a table. std::monostate is nothing: never, not measured, or a number
// that is not finite.
using TableValue = std::variant<std::monostate, std::int64_t, double, std::string>;

enum class ColumnType { integer, real, text };

struct Column {
  std::string name;
  ColumnType type;
  bool is_indexed = false;  // for looking rows up by it
};

struct TableLayout {
  std::string name;
  std::vector<Column> columns;
  std::size_t key_columns = 1;  // the first ones, which no two rows have in common
  std::string parent;           // the table whose key the first column is; empty: none
};

// Writes tables, one after the other, row by row, into a folder, which is made if it is absent and
// locked against other writers. Every failure is an Error.
class TableWriter {
 public:
  virtual ~TableWriter() = default;

  virtual void begin(const TableLayout& table) = 0;
  virtual void add(const std::vector<TableValue>& row) = 0;  // a value a column

  // Puts the files in place, whole, and names them. Without it nothing is left of them, and files
  // of an earlier export stay as they were.
  virtual std::vector<std::filesystem::path> finish() = 0;
};

// CSV by RFC 4180, but with lines that end in \n: cells.csv, metrics.csv. The first line has the
// names; nothing is an empty field, an empty text "".
std::unique_ptr<TableWriter> make_csv_writer(const std::filesystem::path& folder);

// An object a row: cells.jsonl, metrics.jsonl. Nothing is null.
std::unique_ptr<TableWriter> make_jsonl_writer(const std::filesystem::path& folder);

// A database with all tables: results.sqlite. Nothing is NULL.
std::unique_ptr<TableWriter> make_sqlite_writer(const std::filesystem::path& folder);

}  // namespace groklab
