#pragma once

#include "store/safetensors.h"
#include "train/components.h"

#include <cstdint>

namespace groklab {

// Compares what the plugins give now with what they gave when a checkpoint of a replica was
// written: the table of the operation, the labels of the training rows, and the names and shapes of
// the parameters. Throws Error that says how much differs, and the first difference. The plugin's
// library alone does not tell: the plugin may take a table from another library or from a file.
void require_match(const TensorFile& checkpoint, const Components& components,
                   std::int64_t replica);

}  // namespace groklab
