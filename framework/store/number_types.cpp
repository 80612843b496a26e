#include "store/number_types.h"

#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace groklab {
namespace {

template <class Number>
Number stored(const char* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

template <class Number>
double plain(const char* bytes) {
  return static_cast<double>(stored<Number>(bytes));
}

// A floating-point number of a sign, an exponent and a mantissa, in this order from the highest
// bit. With the largest exponent it is infinite or NaN, as IEEE 754 says; or, where `is_finite`,
// NaN if its mantissa is the largest too, and otherwise a number (OCP 8-bit floating point, E4M3).
template <class Bits, int kExponentBits, int kMantissaBits, bool kIsFinite = false>
double narrow(const char* bytes) {
  static_assert(1 + kExponentBits + kMantissaBits == 8 * sizeof(Bits));
  constexpr int kLargest = (1 << kExponentBits) - 1, kBias = kLargest / 2;
  constexpr int kMantissas = 1 << kMantissaBits;
  const int bits = stored<Bits>(bytes);
  const int exponent = bits >> kMantissaBits & kLargest, mantissa = bits & (kMantissas - 1);
  const double sign = bits >> (kExponentBits + kMantissaBits) == 0 ? 1 : -1;
  if (exponent == kLargest && (!kIsFinite || mantissa == kMantissas - 1)) {
    using Limits = std::numeric_limits<double>;
    return kIsFinite || mantissa != 0 ? Limits::quiet_NaN() : sign * Limits::infinity();
  }
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - kBias - kMantissaBits);
  return sign * std::ldexp(kMantissas + mantissa, exponent - kBias - kMantissaBits);
}

constexpr std::array kTypes{
    NumberType{"F64", 8, plain<double>},
    NumberType{"F32", 4, plain<float>},
    NumberType{"F16", 2, narrow<std::uint16_t, 5, 10>},
    NumberType{"BF16", 2, narrow<std::uint16_t, 8, 7>},
    NumberType{"F8_E5M2", 1, narrow<std::uint8_t, 5, 2>},
    NumberType{"F8_E4M3", 1, narrow<std::uint8_t, 4, 3, true>},
    NumberType{"I64", 8, plain<std::int64_t>},
    NumberType{"I32", 4, plain<std::int32_t>},
    NumberType{"I16", 2, plain<std::int16_t>},
    NumberType{"I8", 1, plain<std::int8_t>},
    NumberType{"U64", 8, plain<std::uint64_t>},
    NumberType{"U32", 4, plain<std::uint32_t>},
    NumberType{"U16", 2, plain<std::uint16_t>},
    NumberType{"U8", 1, plain<std::uint8_t>},
    NumberType{"BOOL", 1, plain<std::uint8_t>},
};

}  // namespace

const NumberType& number_type(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& type : kTypes) {
    if (name == type.name) return type;
    known.emplace_back(type.name);
  }
  throw Error(fmt::format("dtype '{}' is not one of {}", name, join(known, ", ")));
}

}  // namespace groklab
