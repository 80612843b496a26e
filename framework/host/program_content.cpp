#include "host/program_content.h"

#include "base/files.h"
#include "host/library.h"
#include "host/loaded_files.h"

#include <boost/dll/runtime_symbol_info.hpp>

namespace groklab {

const std::string& program_content() {
  static const std::string content = [] {
    const std::string own = boost::dll::this_line_location().string();
    return sha256({current_content(own), current_content(loaded_file("libgroklab_contract.so")),
                   current_content(loaded_file("libgroklab_tensors.so"))});
  }();
  return content;
}

}  // namespace groklab
