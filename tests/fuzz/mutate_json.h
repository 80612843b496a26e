#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* bytes, std::size_t size, std::size_t room);

namespace groklab::test {

using Json = nlohmann::ordered_json;

// Every value inside of `json`, with what holds it.
inline void collect(Json& json, std::vector<std::pair<Json*, Json*>>& values) {
  if (!json.is_structured()) return;
  for (auto& value : json) {
    values.emplace_back(&json, &value);
    collect(value, values);
  }
}

// Takes a value away, puts one of another type or of another place there, or adds it once more.
inline void change_a_value(Json& json, std::mt19937& random) {
  static const std::vector<Json> kOthers{nullptr,
                                         true,
                                         0,
                                         -1,
                                         1e300,
                                         0.5,
                                         "",
                                         "x",
                                         Json::array(),
                                         Json::object(),
                                         {{}},
                                         {{"", 0}},
                                         std::uint64_t{1} << 63,
                                         100000,
                                         Json::array({"a", 1})};
  std::vector<std::pair<Json*, Json*>> values;
  collect(json, values);
  if (values.empty()) return;
  const auto& [holder, value] = values[random() % values.size()];
  const Json another = *values[random() % values.size()].second;
  switch (random() % 4) {
    case 0:
      *value = kOthers[random() % kOthers.size()];
      break;
    case 1:
      *value = another;
      break;
    case 2:
      if (holder->is_array()) holder->push_back(another);
      break;
    default:
      for (auto entry = holder->begin(); entry != holder->end(); ++entry) {
        if (&*entry != value) continue;
        holder->erase(entry);
        break;
      }
  }
}

// For LLVMFuzzerCustomMutator: changes an input as JSON if it is some, and now and then as bytes.
inline std::size_t mutate_json(std::uint8_t* bytes, std::size_t size, std::size_t room,
                               unsigned seed) {
  std::mt19937 random(seed);
  const auto is_shallow = [](int depth, Json::parse_event_t, Json&) { return depth < 100; };
  auto json = Json::parse(bytes, bytes + size, is_shallow, /*allow_exceptions=*/false);
  if (random() % 4 == 0 || !json.is_structured()) return LLVMFuzzerMutate(bytes, size, room);
  for (auto changes = random() % 3 + 1; changes > 0; --changes) change_a_value(json, random);
  const auto text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > room) return LLVMFuzzerMutate(bytes, size, room);
  std::copy(text.begin(), text.end(), bytes);
  return text.size();
}

}  // namespace groklab::test
