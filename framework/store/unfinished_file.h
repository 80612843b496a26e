#pragma once

#include <filesystem>

namespace groklab {

// The name under which a file is written that takes its place when it is whole: <target>.part. What
// an earlier process left there is removed, and so is at the end what was not put in place. For
// files that can be made again: the rename itself is not forced onto the disk.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(std::filesystem::path target);
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;
  ~UnfinishedFile();

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& target() const { return target_; }
  void put_in_place();  // after its content is on the disk; throws Error

 private:
  std::filesystem::path target_, path_;
  bool is_in_place_ = false;
};

// `folder`, made if it is absent. Throws Error.
const std::filesystem::path& make_folder(const std::filesystem::path& folder);

}  // namespace groklab
