// Overrides of the command line, one a line: paths, values, ranges and axes of a sweep.
#include "spec/overrides.h"
#include "base/text.h"
#include "fuzz/small_sweep.h"
#include "fuzz/try_input.h"
#include "spec/merge.h"

namespace groklab {
namespace {

constexpr const char* kSweep = R"(
regularizers: [{name: noise, strength: 0.1}]
sweep:
  variants:
    plain: {optimizer: descent}
    deep: {model.layers: 3}
  grid:
    operation.modulus: [5, 7]
  zip:
    - {model.layers: [1, 2], seed.init: [3, 4]}
)";

void read_overrides(std::string_view input) {
  static const auto spec = [] {
    auto root = parse_yaml(std::string(test::kExample) + kSweep, "spec.yaml");
    expand_short_forms(root);
    return root;
  }();
  auto root = spec;
  Problems problems;
  apply_overrides(root, split(input, '\n'), problems);
  problems.throw_if_any();
  expand_short_forms(root);
  test::expand_small_sweep(root);
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_overrides);
}
