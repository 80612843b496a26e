#include <groklab/plugin.h>

namespace groklab {

// Out of line, so that the type has one home and dynamic_cast works across libraries.
Plugin::~Plugin() = default;

}  // namespace groklab
