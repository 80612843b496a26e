// metrics.jsonl, whole and in part.
#include "fuzz/try_input.h"
#include "store/measured.h"
#include "support/temporary_folder.h"

namespace groklab {
namespace {

void read_rows(std::string_view input) {
  static const test::TemporaryFolder folder;
  const auto file = folder.write("metrics.jsonl", input);
  const auto measured = read_measured_rows(folder.path());
  summarize(measured.rows);
  test::require("rows that are relied on can be read",
                [&] { return measured.rows.size() <= readable_metrics(file).size(); });
  for (const auto& row : read_metrics(file)) {
    const auto line = to_json_line(row);
    test::require("a row reads back as it was",
                  [&] { return to_json_line(from_json_line(line)) == line; });
  }
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_rows);
}
