#include "base/setting_keys.h"

namespace groklab {

bool decides_numbers(const std::string& key) {
  return key != "experiment" && key != "claim" && key != "device" &&
         !key.starts_with("checkpoint.");
}

}  // namespace groklab
