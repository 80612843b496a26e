#pragma once

#include "spec/experiment.h"

#include <filesystem>
#include <set>
#include <string>

namespace groklab {

// The copies of files that specs in a folder name. A folder that has its own can be moved, or
// trained on another machine, without the files that were named first.
class OwnFiles {
 public:
  // Copies go to `folder`/<start of the content's hash>/<name>, which is made if it is needed.
  explicit OwnFiles(std::filesystem::path folder);

  // The resolved spec, to be written into `spec_folder`, with the copies named relative to it.
  // Copies what it names. Throws Error if a file changed since the experiment was read.
  std::string spec_of(Experiment experiment, const std::filesystem::path& spec_folder);

 private:
  std::filesystem::path copy_of(const Setting& setting);

  std::filesystem::path folder_;
  std::set<std::filesystem::path> kept_;  // known to be whole
};

}  // namespace groklab
