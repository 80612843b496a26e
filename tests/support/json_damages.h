#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace groklab::test {

// A file of JSON as damage, an editor or another version may have left it.
struct DamagedText {
  std::string how;  // "/packs/0/cells = null"
  std::string text;
};

namespace internal {

// A text of its own stands for lists nested so deeply that a recursive function would not return.
inline constexpr const char* kDeepMark = "@deep@";

inline const std::vector<nlohmann::ordered_json>& wrong_values() {
  using Json = nlohmann::ordered_json;
  static const std::vector<Json> values{nullptr,
                                        true,
                                        0,
                                        -1,
                                        0.5,
                                        1e300,
                                        INT64_MIN,
                                        UINT64_MAX,
                                        "",
                                        "x",
                                        Json::array(),
                                        Json::object(),
                                        Json::array({Json::object()}),
                                        std::string(300, '/'),
                                        kDeepMark};
  return values;
}

inline std::string with_deep_lists(std::string text) {
  const auto mark = '"' + std::string(kDeepMark) + '"';
  const auto place = text.find(mark);
  if (place == std::string::npos) return text;
  constexpr std::size_t kLevels = 100'000;
  return text.replace(place, mark.size(), std::string(kLevels, '[') + std::string(kLevels, ']'));
}

using Pointer = nlohmann::ordered_json::json_pointer;

// Every member of an object, and of a list the first; of the many settings, which are all read
// alike, the first two.
inline void add_places(const nlohmann::ordered_json& json, const Pointer& place,
                       std::vector<Pointer>& places) {
  const bool is_settings = !place.empty() && place.back() == "settings";
  const std::size_t most = json.is_array() ? 1 : is_settings ? 2 : json.size();
  std::size_t count = 0;
  for (const auto& [key, value] : json.items()) {
    if (count++ == most) return;
    places.push_back(json.is_array() ? place / std::size_t{0} : place / key);
    if (value.is_structured()) add_places(value, places.back(), places);
  }
}

}  // namespace internal

// Each value in turn left out, and replaced by others of every type, empty, negative and huge.
inline std::vector<DamagedText> damages_of(const nlohmann::ordered_json& whole) {
  std::vector<DamagedText> damages{
      {"empty", ""}, {"a brace", "{"}, {"binary", std::string(9, '\0')}};
  std::vector<internal::Pointer> places;
  internal::add_places(whole, internal::Pointer(), places);
  places.emplace_back();  // the whole
  for (const auto& place : places) {
    for (const auto& value : internal::wrong_values()) {
      auto damaged = whole;
      damaged[place] = value;
      damages.push_back({place.to_string() + " = " + value.dump().substr(0, 40),
                         internal::with_deep_lists(damaged.dump())});
    }
    if (place.empty()) continue;
    auto damaged = whole;
    auto& parent = damaged[place.parent_pointer()];
    if (parent.is_array()) {
      parent.erase(0);
    } else {
      parent.erase(place.back());
    }
    damages.push_back({place.to_string() + " left out", damaged.dump()});
  }
  return damages;
}

}  // namespace groklab::test
