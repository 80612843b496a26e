// YAML as a tree.
#include "fuzz/try_input.h"
#include "spec/yaml_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, [](std::string_view input) {
    groklab::flow_text(groklab::parse_yaml(input, "spec.yaml"));
  });
}
