#include "spec/typed_value.h"

#include "spec/scalars.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

// As the field types it, in its range or not.
std::optional<Value> read_scalar(const Field& field, const YamlNode& node) {
  const auto chosen = std::find(field.choices.begin(), field.choices.end(), node.scalar);
  const bool is_choice = chosen != field.choices.end();
  switch (field.type) {
    case Field::Type::text:
    case Field::Type::path:
      return Value(node.scalar);
    case Field::Type::choice:
      return is_choice ? std::optional<Value>(node.scalar) : std::nullopt;
    case Field::Type::flag:
      if (!node.quoted && node.scalar == "true") return Value(true);
      if (!node.quoted && node.scalar == "false") return Value(false);
      return std::nullopt;
    case Field::Type::real: {
      const auto number = node.quoted ? std::nullopt : parse_real(node.scalar);
      return number ? std::optional<Value>(*number) : std::nullopt;
    }
    case Field::Type::integer_or_choice:
      if (is_choice) return Value(node.scalar);
      [[fallthrough]];
    case Field::Type::integer: {
      const auto number = node.quoted ? std::nullopt : parse_integer(node.scalar);
      return number ? std::optional<Value>(*number) : std::nullopt;
    }
  }
  return std::nullopt;
}

bool in_range(const Field& field, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return field.range.contains(static_cast<double>(*integer));
  }
  const auto* real = std::get_if<double>(&value);
  return real == nullptr || field.range.contains(*real);
}

}  // namespace

std::optional<Value> typed_value(const Field& field, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar) return std::nullopt;
  auto value = read_scalar(field, node);
  return value && in_range(field, *value) ? value : std::nullopt;
}

std::string expected_text(const Field& field) {
  const bool bounded = field.type == Field::Type::integer || field.type == Field::Type::real ||
                       field.type == Field::Type::integer_or_choice;
  return bounded ? fmt::format("{} {}", field.type_name(), field.range.text()) : field.type_name();
}

}  // namespace groklab
