// The CSV file of the operation `table_file`.
#include "fuzz/try_input.h"
#include "support/temporary_folder.h"

#include <groklab/operation.h>
#include "plugins/operations/table_file/rows.h"

#include <algorithm>

extern "C" const void* groklab_plugin;  // of the operation, which is linked into this program

namespace groklab {
namespace {

void require_answers(const Operation& operation) {
  for (std::int64_t x = 0; x < operation.size(); ++x) {
    for (std::int64_t y = 0; y < operation.size(); ++y) {
      const auto answer = operation.apply(x, y);
      test::require("an answer is an element",
                    [&] { return answer >= Operation::kUndefined && answer < operation.size(); });
    }
  }
}

void read_table(std::string_view input) {
  constexpr std::int64_t kLargest = 64;  // so that most tables are made in no time
  static const test::TemporaryFolder folder;
  const auto file = folder.write("table.csv", input).string();
  const auto rows = read_rows(file);
  const bool is_small = std::all_of(rows.begin(), rows.end(), [](const Row& row) {
    return std::max({row.x, row.y, row.z}) < kLargest;
  });
  if (!is_small) return;
  const auto& plugin = *static_cast<const Descriptor*>(groklab_plugin);
  for (const std::int64_t elements : {std::int64_t{0}, std::int64_t{3}, kLargest}) {
    const auto params =
        Params::from_defaults(plugin.schema(), {{"file", file}, {"elements", elements}});
    test::allow_errors(
        [&] { require_answers(dynamic_cast<const Operation&>(*plugin.create(params))); });
  }
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_table);
}
