#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace groklab {

// A process, on whatever machine.
struct ProcessIdentity {
  std::string host;
  std::int64_t process = 0;  // its number
  std::string machine;       // this boot of the machine, and the space in which numbers count
  std::string start;         // when it started, which tells it from a later one of its number

  static ProcessIdentity mine();
  static ProcessIdentity of(std::int64_t process);  // of this machine

  // Whether it lives; nullopt: it is of another machine.
  std::optional<bool> is_alive() const;
  std::string text() const;  // "process 123 on host"

  bool operator==(const ProcessIdentity&) const = default;
};

}  // namespace groklab
