// Shared libraries, before they are loaded.
#include "fuzz/try_input.h"
#include "host/elf_content.h"
#include "host/elf_symbols.h"

namespace groklab {
namespace {

// Each of its own, because one may refuse what another one does not look at.
void read_library(std::string_view input) {
  test::allow_errors([&] { exported_symbols(input); });
  test::allow_errors([&] { needed_libraries(input); });
  test::allow_errors([&] { content_hash(input); });
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_library);
}
