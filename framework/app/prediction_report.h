#pragma once

#include "app/restored_network.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

namespace groklab {

// What a network says of a pair: the first `top` candidates, and the answer and the label if they
// are not among them.
std::string prediction_text(const RestoredNetwork& network, const Prediction& prediction,
                            std::size_t top);

// The same for scripts.
nlohmann::ordered_json prediction_json(const RestoredNetwork& network, const Prediction& prediction,
                                       std::size_t top);

}  // namespace groklab
