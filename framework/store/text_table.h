#pragma once

#include "base/unfinished_file.h"
#include "store/table_writer.h"

#include <filesystem>
#include <list>
#include <string>
#include <vector>

namespace groklab {

// Tables as text: a file a table, <name>.<ending>, and a line a row.
class TextTableWriter : public TableWriter {
 public:
  TextTableWriter(std::filesystem::path folder, std::string ending);

  void begin(const TableLayout& table) final;
  void add(const std::vector<TableValue>& row) final;
  std::vector<std::filesystem::path> finish() final;

 private:
  virtual std::string header(const TableLayout& table) const = 0;  // empty, or a line
  virtual std::string line(const TableLayout& table, const std::vector<TableValue>& row) const = 0;

  void write(const std::string& text);
  void end_table();

  const std::filesystem::path folder_;
  const std::string ending_;
  TableLayout table_;
  std::list<UnfinishedFile> files_;  // the last one is that of the table
  std::string buffer_;               // not handed to the file yet
};

}  // namespace groklab
