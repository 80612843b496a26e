#include "spec/json_pieces.h"

#include "spec/field_text.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace groklab {
namespace {

Json number(double number) {
  const bool whole = std::floor(number) == number && std::abs(number) <= 0x1p53;
  return whole ? Json(static_cast<std::int64_t>(number)) : Json(number);
}

Json number_schema(const char* type, const Range& range) {
  Json schema{{"type", type}};
  if (std::isfinite(range.low)) {
    schema[range.includes_low ? "minimum" : "exclusiveMinimum"] = number(range.low);
  }
  if (std::isfinite(range.high)) {
    schema[range.includes_high ? "maximum" : "exclusiveMaximum"] = number(range.high);
  }
  return schema;
}

// Within 64 bits, which is all that an integer of a spec has.
Json integer_schema(const Range& range) {
  using Limits = std::numeric_limits<std::int64_t>;
  auto schema = number_schema("integer", range);
  if (!std::isfinite(range.low)) schema["minimum"] = Limits::min();
  if (!std::isfinite(range.high)) schema["maximum"] = Limits::max();
  return schema;
}

}  // namespace

Json value_schema(const Field& field) {
  switch (field.type) {
    case Field::Type::flag:
      return {{"type", "boolean"}};
    case Field::Type::integer:
      return integer_schema(field.range);
    case Field::Type::real:
      return number_schema("number", field.range);
    case Field::Type::path:
    case Field::Type::text:  // 2024 and true are text where text is expected
      return {{"type", Json::array({"string", "number", "boolean"})}};
    case Field::Type::choice:
      return {{"enum", field.choices}};
    case Field::Type::integer_or_choice:
      return any_of({integer_schema(field.range), Json{{"enum", field.choices}}});
  }
  throw std::logic_error("unknown field type");
}

Json documented(const Field& field) {
  Json schema{{"description", describe(field)}};
  schema.update(value_schema(field));
  if (!field.required) {
    std::visit([&](const auto& value) { schema["default"] = value; }, field.default_value);
  }
  return schema;
}

Json map_schema(const Schema& schema) {
  auto properties = Json::object();
  for (const auto& field : schema.fields()) properties[field.name] = documented(field);
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json reference(std::string_view place) { return {{"$ref", "#/" + std::string(place)}}; }

Json any_of(Json options) {
  if (options.size() == 1) return options.front();
  return {{"anyOf", std::move(options)}};
}

Json joined(Json schema, const Json& more) {
  schema.update(more);
  return schema;
}

Json has(const std::string& key) { return {{"required", Json::array({key})}}; }

Json has_any(const std::vector<std::string>& keys) {
  auto options = Json::array();
  for (const auto& key : keys) options.push_back(has(key));
  return any_of(std::move(options));
}

Json where(const std::string& key, const Json& value) { return {{"properties", {{key, value}}}}; }

Json is_map_with(const std::string& key, const Json& value) {
  return joined(joined({{"type", "object"}}, has(key)), where(key, value));
}

}  // namespace groklab
