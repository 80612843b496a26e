// Checkpoints and other .safetensors files, and what analyses need of a checkpoint.
#include "fuzz/try_input.h"
#include "store/analysis.h"
#include "store/checkpoints.h"
#include "support/temporary_folder.h"

#include <algorithm>
#include <tuple>

namespace groklab {
namespace {

bool is_same(const StoredTensor& a, const StoredTensor& b) {
  return std::tie(a.name, a.dtype, a.shape, a.bytes) == std::tie(b.name, b.dtype, b.shape, b.bytes);
}

// Written again a file has the right hash, which mutated files hardly ever do.
void read_tensors(std::string_view input) {
  const auto file = from_safetensors(input);
  static const test::TemporaryFolder folder;
  CheckpointFiles checkpoints(folder.path());
  checkpoints.remove();
  checkpoints.write(file, 3);
  test::require("a file that is read is written as it was", [&] {
    const auto again = checkpoints.read()->tensors;
    return std::equal(file.tensors.begin(), file.tensors.end(), again.begin(), again.end(),
                      is_same);
  });
  read_analysis(folder.path());
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_tensors);
}
