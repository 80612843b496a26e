// Shared libraries, before they are loaded.
#include "host/elf_symbols.h"
#include "fuzz/try_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::exported_symbols);
}
