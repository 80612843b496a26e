#pragma once

#include <filesystem>

namespace groklab {

// The folder that holds bin/, lib/, share/ of this program: an installation or a build folder.
std::filesystem::path installation();

}  // namespace groklab
