#include "spec/field_text.h"

#include <cmath>

namespace groklab {

std::string describe(const Field& field) {
  std::string text = field.type_name();
  const bool bounded = std::isfinite(field.range.low) || std::isfinite(field.range.high);
  if (bounded) text += " " + field.range.text();
  const auto value = to_text(field.default_value);
  text += field.required ? ", required" : ", default ";
  if (!field.required) text += value.empty() ? "empty" : value;
  if (field.per_replica) text += ", may differ within a pack";
  return text + ": " + field.help;
}

}  // namespace groklab
