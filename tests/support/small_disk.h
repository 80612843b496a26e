#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <string>
#include <utility>

namespace groklab::test {

// A file system of its own, which has only so much space. Mounting it takes root.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path path, const char* size) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    is_mounted_ = mount(0, size);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }

  bool is_mounted() const { return is_mounted_; }
  bool resize(const char* size) { return mount(MS_REMOUNT, size); }
  bool make_read_only() { return mount(MS_REMOUNT | MS_RDONLY, "1m"); }

 private:
  bool mount(unsigned long flags, const char* size) const {
    const auto options = std::string("size=") + size;
    return ::mount("tmpfs", path_.c_str(), "tmpfs", flags, options.c_str()) == 0;
  }

  std::filesystem::path path_;
  bool is_mounted_ = false;
};

}  // namespace groklab::test
