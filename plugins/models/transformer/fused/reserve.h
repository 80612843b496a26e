#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace transformer {

// Objects that are dear to make and are used again and again, by one thread at a time each.
template <class Object>
class Reserve {
 public:
  // One for which `fits` holds, or a new one by `make`.
  template <class Fits, class Make>
  std::unique_ptr<Object> take(Fits fits, Make make) {
    {
      const std::lock_guard lock(mutex_);
      for (auto& object : idle_) {
        if (!fits(*object)) continue;
        std::swap(object, idle_.back());
        auto taken = std::move(idle_.back());
        idle_.pop_back();
        return taken;
      }
    }
    return make();
  }

  void give_back(std::unique_ptr<Object> object) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(object));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Object>> idle_;
};

}  // namespace transformer
