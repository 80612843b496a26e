#pragma once

#include "train/trainer.h"

#include <cstddef>
#include <nlohmann/json.hpp>

namespace groklab {

// What the numbers of replica `r` are made with, beside its spec and its plugins, for run.json:
// this build of groklab, the LibTorch that is loaded, the vector instructions that the loops of
// both were chosen for, the device, and what the spec came to there.
nlohmann::ordered_json facts_of(const Trainer& trainer, std::size_t r);

}  // namespace groklab
