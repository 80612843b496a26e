#pragma once

#include "base/files.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// A file that takes its place when it is whole. It is made in the same folder under a name that no
// other process has, .<name of target>.<16 hexadecimal digits>.part, and follows no link. The
// destructor removes a file that was not put in place. Errors name the target.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(std::filesystem::path target);  // throws WriteError
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;
  ~UnfinishedFile();

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& target() const { return target_; }

  void append(std::string_view content);
  void sync();          // on the disk after it returns, whoever wrote it
  void put_in_place();  // replaces the target; does not force the rename onto the disk

  // Puts it in place unless the target exists; false if it does. A file system without hard links
  // makes the target empty and then replaces it, so others may see it empty for a moment.
  bool put_in_new_place();

 private:
  bool make_without_link();

  std::filesystem::path target_, path_;
  int descriptor_ = -1;
};

// A name in the folder of `target` that no other process has: .<name>.<16 hexadecimal digits>.part.
std::filesystem::path unfinished_path(const std::filesystem::path& target);

// The name that an unfinished file is to have in the end; nullopt: `name` is not of that form.
std::optional<std::string> finished_name(const std::string& name);

// Removes the unfinished files of these names that killed processes left in a folder. Requires that
// no other process writes these names, such as by a lock.
void remove_leftovers(const std::filesystem::path& folder, const std::vector<std::string>& names);

}  // namespace groklab
