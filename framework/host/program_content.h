#pragma once

#include <string>

namespace groklab {

// What identifies this build of groklab: a hash of the contents (host/elf_content.h) of the files
// that the program is made of, without the plugins.
const std::string& program_content();

}  // namespace groklab
