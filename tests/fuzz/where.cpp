// The conditions of figures and claims (`where`), and the lists of keys that they group runs by.
#include "base/text.h"
#include "fuzz/try_input.h"
#include "report/study.h"

namespace groklab {
namespace {

Study four_cells() {
  Study study;
  study.runs.plan.keys = {"operation.name", "optimizer.weight_decay", "seed"};
  for (const auto* coordinates : {"add 0.0 0", "add 1.0 1", "divide 1e-3 0", "x|y 1.0 2"}) {
    StudyCell cell;
    cell.index = study.cells.size();
    study.cells.push_back(cell);
    study.runs.plan.cells.push_back({"", split(coordinates, ' '), 100});
  }
  return study;
}

void read_conditions(std::string_view input) {
  static const auto study = four_cells();
  const auto text = std::string(input);
  const auto cells = cells_where(study, text);
  test::require("conditions choose of the cells that there are",
                [&] { return cells.size() <= study.cells.size(); });
  std::vector<const StudyCell*> all;
  for (const auto& cell : study.cells) all.push_back(&cell);
  for (const auto& group : group_by(study, all, split(input, ','))) {
    test::require("a group has cells", [&] { return !group.cells.empty(); });
  }
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_conditions);
}
