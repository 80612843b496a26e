#pragma once

#include "store/safetensors.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>

namespace groklab::test {

// A file put together by hand: the length of the header in eight bytes, the header, the data.
inline std::string file_of(const std::string& header, const std::string& data) {
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) {
    length[i] = static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i));
  }
  return length + header + data;
}

// Whether reading such a file is an error that gives this reason.
inline bool refuses(const std::string& header, const std::string& data, const std::string& reason) {
  return testing::Matches(testing::ThrowsMessage<Error>(testing::HasSubstr(reason)))(
      std::function<void()>([=] { from_safetensors(file_of(header, data)); }));
}

inline std::string bytes_of(std::initializer_list<float> numbers) {
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.begin(), bytes.size());
  return bytes;
}

}  // namespace groklab::test
