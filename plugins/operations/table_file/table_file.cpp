// Any table: x ∘ y = z as a file lists it. Pairs that it does not list have no answer.
#include "rows.h"

#include <groklab/operation.h>

#include <algorithm>

namespace {

class TableFile final : public groklab::Operation {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .path("file",
              "CSV with a line x,y,z for each pair that has an answer, elements numbered from 0; a "
              "first line that says x,y,z is a header")
        .integer("elements", 0, "how many there are; 0: one more than the largest in the file",
                 groklab::between(0, static_cast<double>(kMaxSize)));
  }

  explicit TableFile(const groklab::Params& params) : file_(params.text("file")) {
    const auto rows = read_rows(file_);
    elements_ = params.integer("elements");
    if (elements_ == 0) elements_ = std::max<Element>(2, largest(rows) + 1);
    answers_.assign(static_cast<std::size_t>(elements_ * elements_), kUndefined);
    for (const auto& row : rows) enter(row, rows);
  }

  std::int64_t size() const override { return elements_; }
  std::string formula() const override { return "the table in " + file_; }

  Element apply(Element x, Element y) const override {
    return answers_[static_cast<std::size_t>(x * elements_ + y)];
  }

 private:
  static Element largest(const std::vector<Row>& rows) {
    Element largest = 0;
    for (const auto& row : rows) largest = std::max({largest, row.x, row.y, row.z});
    return largest;
  }

  void enter(const Row& row, const std::vector<Row>& rows) {
    if (const auto top = std::max({row.x, row.y, row.z}); top >= elements_) {
      refuse_row(file_, row.line,
                 std::to_string(top) + " is no element; elements: " + std::to_string(elements_) +
                     " are 0 … " + std::to_string(elements_ - 1));
    }
    auto& answer = answers_[static_cast<std::size_t>(row.x * elements_ + row.y)];
    if (answer != kUndefined) {
      const auto first = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
        return other.x == row.x && other.y == row.y;
      });
      refuse_row(file_, row.line,
                 "the pair " + std::to_string(row.x) + "," + std::to_string(row.y) +
                     " stands here a second time; the first is in line " +
                     std::to_string(first->line));
    }
    answer = static_cast<std::int32_t>(row.z);
  }

  std::string file_;
  Element elements_ = 0;
  std::vector<std::int32_t> answers_;  // [elements · elements], x by x
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, TableFile, "table_file", "the table that a CSV file lists")
