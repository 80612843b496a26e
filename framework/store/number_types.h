#pragma once

#include <cstdint>
#include <string>

namespace groklab {

// A type of numbers in .safetensors files, little-endian. groklab writes F32, F64, I64 and BOOL;
// the others are read from files of other programs.
struct NumberType {
  const char* name;                    // "BF16", as in a file's header
  std::int64_t size;                   // bytes of a number
  double (*read)(const char* number);  // 64-bit integers above 2^53 are rounded
};

// Throws Error, with the names that are known, if there is no such type.
const NumberType& number_type(const std::string& name);

}  // namespace groklab
