#pragma once

#include <filesystem>

namespace groklab::test {

std::filesystem::path source_dir();   // the repository
std::filesystem::path build_dir();    // laid out as an installation is
std::filesystem::path plugin_dir();   // of the project's own plugins
std::filesystem::path fixture_dir();  // of the libraries made for tests
std::filesystem::path program();      // groklab

}  // namespace groklab::test
