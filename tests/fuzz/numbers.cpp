// Text as a number: of specs, of the command line and of the columns of tables.
#include "fuzz/try_input.h"
#include "spec/scalars.h"
#include "store/values.h"

#include <string>

namespace groklab {
namespace {

void read_numbers(std::string_view input) {
  const std::string text(input);
  const auto real = parse_real(text);
  const auto integer = parse_integer(text);
  test::require("C reads the same number",
                [&] { return !real || std::strtod(text.c_str(), nullptr) == *real; });
  test::require("an integer is the same as a real number",
                [&] { return !integer || !real || static_cast<double>(*integer) == *real; });
  const auto type = type_of({text});
  const auto value = text_value(text, type);
  test::require("a value is of its column's type", [&] {
    return (type == ColumnType::text) == std::holds_alternative<std::string>(value);
  });
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_numbers);
}
