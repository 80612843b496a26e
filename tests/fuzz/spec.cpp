// A spec with the file that it extends, overrides and sweep: what stands between lines of ==== are
// the spec, the file base.yaml, and overrides, one a line.
#include "base/text.h"
#include "framework/spec/example_schemas.h"
#include "fuzz/small_sweep.h"
#include "fuzz/try_input.h"
#include "spec/report_sections.h"

#include <array>

namespace groklab {
namespace {

constexpr std::string_view kSeparator = "\n====\n";

std::array<std::string_view, 3> parts_of(std::string_view input) {
  std::array<std::string_view, 3> parts;
  for (auto& part : parts) {
    part = input.substr(0, input.find(kSeparator));
    input.remove_prefix(std::min(part.size() + kSeparator.size(), input.size()));
  }
  return parts;
}

// What `figures:` and `expect:` may say.
const std::vector<EntryKind>& example_kinds() {
  static const std::vector<EntryKind> kinds{{"curve", "",
                                             Schema{}
                                                 .text("name", "", "")
                                                 .real("size", 1, "", positive)
                                                 .text("at_least", "", "")
                                                 .text("at_most", "", "")}};
  return kinds;
}

void read_spec(std::string_view input) {
  static const test::TemporaryFolder folder;
  const auto [spec, base, overrides] = parts_of(input);
  folder.write("base.yaml", base);
  const auto root = load_spec(folder.write("spec.yaml", spec), split(overrides, '\n'));
  test::expand_small_sweep(root);
  Problems problems;
  const auto figures = read_figures(root, example_kinds(), problems);
  const auto expectations = read_expectations(root, example_kinds(), problems);
  figures_to_yaml(figures) + expectations_to_yaml(expectations);
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_spec);
}
