#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace groklab {

// Why an operator has no place in a step that is recorded once and repeated.
enum class Hazard {
  waits,           // the host waits for a number of the device
  follows_values,  // its result's shape follows from values
  draws,           // it draws from a generator, which knows nothing of replicas
  unordered,       // it adds in an order that no one fixes: may be repeated, gives other bits
};

// Of an operator of LibTorch by its name without overload: "masked_select".
std::optional<Hazard> hazard_of(std::string_view operator_name);

std::string to_text(Hazard hazard);  // "it draws from a generator"

}  // namespace groklab
