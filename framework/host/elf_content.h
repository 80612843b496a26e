#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// The SHA-256 of what a shared library does, whatever its place: of all that the system maps into
// memory, without the folders in which it looks for further libraries (RUNPATH, RPATH), notes such
// as the build id, and symbols for debuggers. So a library is the same in a build folder, installed
// and stripped, and built again with the same compiler in another folder. Throws Error, as
// exported_symbols does, if this is no complete shared library.
std::string content_hash(std::string_view library);

// The names of the libraries that this one needs, as it was linked: "libm.so.6".
std::vector<std::string> needed_libraries(std::string_view library);

}  // namespace groklab
