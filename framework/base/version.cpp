#include "base/version.h"

namespace groklab {

const char* const kVersion = GROKLAB_VERSION;  // from CMakeLists.txt

}  // namespace groklab
