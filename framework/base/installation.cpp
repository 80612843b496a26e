#include "base/installation.h"

#include "base/paths.h"

namespace groklab {

std::filesystem::path installation() {
  return read_link("/proc/self/exe").parent_path().parent_path();
}

}  // namespace groklab
