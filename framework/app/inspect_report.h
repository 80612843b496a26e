#pragma once

#include "app/found_checkpoint.h"
#include "app/tensor_listing.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab {

// Of which step and run a checkpoint is, and what it holds, as lines for the terminal.
std::string checkpoint_text(const FoundCheckpoint& checkpoint,
                            const std::vector<TensorGroup>& groups);

// The same for scripts.
nlohmann::ordered_json checkpoint_json(const FoundCheckpoint& checkpoint,
                                       const std::vector<TensorGroup>& groups);

}  // namespace groklab
