#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace groklab {

// JSON in a file that an earlier version wrote, somebody edited or a disk damaged. A reader asks
// for what it needs by key and type. Where the file has anything else, an Error names the place and
// what was found there: "packs.2.name: expected text, found a list". The caller adds the file.

// Throws Error if the text is not JSON, or is nested so deeply that copying it could end the
// process: copies of nlohmann::json recurse.
nlohmann::ordered_json parse_json(std::string_view text);

// A value in such JSON, which outlives it.
class JsonField {
 public:
  explicit JsonField(const nlohmann::ordered_json& json, std::string place = "")
      : json_(&json), place_(std::move(place)) {}

  JsonField at(std::string_view key) const;                        // throws Error if it is missing
  std::optional<JsonField> find(std::string_view key) const;       // nullopt: it is missing
  std::vector<JsonField> items() const;                            // of a list
  std::vector<std::pair<std::string, JsonField>> members() const;  // of an object

  const std::string& text() const;
  std::vector<std::string> texts() const;  // of a list
  std::int64_t integer(std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
  double number() const;

  const nlohmann::ordered_json& json() const { return *json_; }

  // Throws the Error that says what was expected here.
  [[noreturn]] void refuse(const std::string& expected) const;

 private:
  std::string place_of(std::string_view key) const;

  const nlohmann::ordered_json* json_;
  std::string place_;  // "packs.2.name"; empty: the whole
};

}  // namespace groklab
