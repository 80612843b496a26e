#include "support/paths.h"

namespace groklab::test {

std::filesystem::path source_dir() { return GROKLAB_SOURCE_DIR; }
std::filesystem::path build_dir() { return GROKLAB_BUILD_DIR; }
std::filesystem::path plugin_dir() { return build_dir() / "lib/groklab/plugins"; }
std::filesystem::path fixture_dir() { return build_dir() / "tests/fixtures"; }
std::filesystem::path program() { return build_dir() / "bin/groklab"; }

}  // namespace groklab::test
