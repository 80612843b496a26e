#pragma once

#include <groklab/error.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace groklab::test {

// Calls `read`, which may throw groklab::Error and nothing else.
template <class Read>
void allow_errors(Read read) {
  try {
    read();
  } catch (const Error&) {  // is an answer too
  }
}

// Hands the bytes of libFuzzer to `read`, a reader of groklab. It may throw groklab::Error. Any
// other exception, a crash and more than a second of processor time end the program. libFuzzer
// reports that as a finding. Returns what LLVMFuzzerTestOneInput has to.
template <class Read>
int try_input(const std::uint8_t* bytes, std::size_t size, Read read) {
  constexpr double kLimit = 1;  // s, of a build that the sanitizers make several times slower
  const auto start = std::clock();
  allow_errors([&] { read(std::string_view(reinterpret_cast<const char*>(bytes), size)); });
  const auto seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (seconds > kLimit) {
    std::fprintf(stderr, "reading this took %.1f s of the processor, more than %g s\n", seconds,
                 kLimit);
    std::abort();
  }
  return 0;
}

// Ends the program unless `check` says that what a reader promises holds; an Error does not.
template <class Check>
void require(const char* promise, Check check) {
  try {
    if (check()) return;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  std::fprintf(stderr, "does not hold: %s\n", promise);
  std::abort();
}

}  // namespace groklab::test
