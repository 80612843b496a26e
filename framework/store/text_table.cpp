#include "store/text_table.h"

#include "base/paths.h"

#include <fmt/format.h>

#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferSize = 1 << 16;  // bytes

}  // namespace

TextTableWriter::TextTableWriter(fs::path folder, std::string ending)
    : folder_(std::move(folder)), ending_(std::move(ending)) {
  make_folder(folder_);
}

void TextTableWriter::begin(const TableLayout& table) {
  end_table();
  table_ = table;
  files_.emplace_back(folder_ / fmt::format("{}.{}", table.name, ending_));
  write(header(table_));
}

void TextTableWriter::add(const std::vector<TableValue>& row) { write(line(table_, row)); }

std::vector<fs::path> TextTableWriter::finish() {
  end_table();
  std::vector<fs::path> paths;
  for (auto& file : files_) {
    file.put_in_place();
    paths.push_back(file.target());
  }
  return paths;
}

void TextTableWriter::write(const std::string& text) {
  buffer_ += text;
  if (buffer_.size() < kBufferSize) return;
  files_.back().append(buffer_);
  buffer_.clear();
}

void TextTableWriter::end_table() {
  if (files_.empty()) return;
  files_.back().append(buffer_);
  files_.back().sync();
  buffer_.clear();
}

}  // namespace groklab
