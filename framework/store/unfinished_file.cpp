#include "store/unfinished_file.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <system_error>
#include <utility>

namespace groklab {

namespace fs = std::filesystem;

UnfinishedFile::UnfinishedFile(fs::path target) : target_(std::move(target)), path_(target_) {
  path_ += ".part";
  std::error_code failure;
  fs::remove(path_, failure);
  if (failure) {
    throw Error(fmt::format("cannot remove {}: {}", path_.string(), failure.message()));
  }
}

UnfinishedFile::~UnfinishedFile() {
  std::error_code ignored;
  if (!is_in_place_) fs::remove(path_, ignored);
}

void UnfinishedFile::put_in_place() {
  std::error_code failure;
  fs::rename(path_, target_, failure);
  if (failure) {
    throw Error(fmt::format("cannot replace {}: {}", target_.string(), failure.message()));
  }
  is_in_place_ = true;
}

const fs::path& make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) {
    throw Error(fmt::format("cannot make folder {}: {}", folder.string(), failure.message()));
  }
  return folder;
}

}  // namespace groklab
