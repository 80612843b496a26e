// The expression of the operation `polynomial`.
#include "fuzz/try_input.h"

#include "plugins/operations/polynomial/expression.h"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, [](std::string_view input) {
    const Expression expression{std::string(input)};
    for (const std::int64_t modulus : {2, 97, 10'000}) {
      for (const std::int64_t x : {std::int64_t{0}, std::int64_t{1}, modulus - 1}) {
        const auto value = expression.value(x, modulus - 1, modulus);
        groklab::test::require("a value is a residue",
                               [&] { return value >= 0 && value < modulus; });
      }
    }
  });
}
