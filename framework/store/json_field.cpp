#include "store/json_field.h"

#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <utility>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 32;            // of nested lists and objects; ours have four
constexpr std::size_t kShownText = 40;  // bytes of a value in a message

// Lists and objects may be large: only their kind is shown.
std::string shown(const Json& json) {
  if (json.is_object()) return "an object";
  if (json.is_array()) return json.empty() ? "an empty list" : "a list";
  return shortened(json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace),
                   kShownText);
}

std::string range_text(std::int64_t low, std::int64_t high) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (high < Limits::max()) return fmt::format("an integer in [{}, {}]", low, high);
  return low == Limits::min() ? "an integer" : fmt::format("an integer of at least {}", low);
}

// What the library says, without the number of its exception.
std::string reason_of(const Json::exception& error) {
  const std::string text = error.what();
  const auto end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

}  // namespace

Json parse_json(std::string_view text) {
  const auto check_depth = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest) throw Error("nested too deeply");
    return true;
  };
  try {
    return Json::parse(text, check_depth);
  } catch (const Json::exception& error) {
    throw Error("not JSON: " + reason_of(error));
  }
}

JsonField JsonField::at(std::string_view key) const {
  if (auto field = find(key)) return *std::move(field);
  throw Error(fmt::format("{} is missing", place_of(key)));
}

std::optional<JsonField> JsonField::find(std::string_view key) const {
  if (!json_->is_object()) refuse("an object");
  const auto found = json_->find(std::string(key));
  if (found == json_->end()) return std::nullopt;
  return JsonField(*found, place_of(key));
}

std::vector<JsonField> JsonField::items() const {
  if (!json_->is_array()) refuse("a list");
  std::vector<JsonField> fields;
  for (const auto& item : *json_)
    fields.emplace_back(item, place_of(std::to_string(fields.size())));
  return fields;
}

std::vector<std::pair<std::string, JsonField>> JsonField::members() const {
  if (!json_->is_object()) refuse("an object");
  std::vector<std::pair<std::string, JsonField>> fields;
  for (const auto& [key, value] : json_->items()) {
    fields.emplace_back(key, JsonField(value, place_of(key)));
  }
  return fields;
}

const std::string& JsonField::text() const {
  if (!json_->is_string()) refuse("text");
  return json_->get_ref<const std::string&>();
}

std::vector<std::string> JsonField::texts() const {
  std::vector<std::string> all;
  for (const auto& item : items()) all.push_back(item.text());
  return all;
}

std::int64_t JsonField::integer(std::int64_t low, std::int64_t high) const {
  const bool fits = json_->is_number_unsigned()
                        ? std::in_range<std::int64_t>(json_->get<std::uint64_t>())
                        : json_->is_number_integer();
  const auto number = fits ? json_->get<std::int64_t>() : 0;
  if (fits && number >= low && number <= high) return number;
  refuse(range_text(low, high));
}

double JsonField::number() const {
  if (!json_->is_number()) refuse("a number");
  return json_->get<double>();
}

void JsonField::refuse(const std::string& expected) const {
  throw Error(fmt::format("{}{}expected {}, found {}", place_, place_.empty() ? "" : ": ", expected,
                          shown(*json_)));
}

std::string JsonField::place_of(std::string_view key) const {
  return place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key);
}

}  // namespace groklab
