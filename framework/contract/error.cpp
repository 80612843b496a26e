#include <groklab/error.h>

namespace groklab {

Error::Error(const std::string& message) : std::runtime_error(message) {}

// Out of line, so that the type has one home and `catch` works across libraries.
Error::~Error() = default;

}  // namespace groklab
