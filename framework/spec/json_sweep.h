// What a JSON schema says of sweeps.
#pragma once

#include "spec/json_pieces.h"

#include <string>
#include <vector>

namespace groklab {

// A spec whose sweep sets one of the paths.
Json sweeps(const std::vector<std::string>& paths);

// The places that a sweep may set, and what stands there.
class SweptPlaces {
 public:
  // `fields`: the declarations of what stands there, if it is a single value.
  void add(const std::string& path, const Json& value, const std::vector<const Field*>& fields);

  // The same for the items of a list of plugins: `path` within an item, empty for the whole.
  void add_to_items(const std::string& list, const std::string& path, const Json& value,
                    const std::vector<const Field*>& fields);

  // What has the same value in all cells; `exclude` may name it, `grid` and `zip` may not.
  void add_fixed(const std::string& path) { fixed_.push_back(path); }

  // Adds `sweep` and what it refers to.
  void define(Json& definitions) const;

 private:
  // What an axis has, and a variant; by path, by regular expression.
  Json axes_ = Json::object(), item_axes_ = Json::object();
  Json values_ = Json::object(), item_values_ = Json::object();
  std::vector<std::string> fixed_;
};

}  // namespace groklab
