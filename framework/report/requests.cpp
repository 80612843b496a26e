#include "report/requests.h"

namespace groklab {

Params checked_options(const std::string& kind, const Schema& schema, const Request& request) {
  for (const auto& [option, value] : request.options) {
    const auto* field = schema.find(option);
    if (field != nullptr && field->default_value.index() == value.index()) continue;
    throw Error(fmt::format("{} takes no option {}={}", kind, option, to_text(value)));
  }
  for (const auto& field : schema.fields()) {
    if (!field.required || request.options.contains(field.name)) continue;
    throw Error(fmt::format("{} needs the option {}", kind, field.name));
  }
  return Params::from_defaults(schema, request.options);
}

}  // namespace groklab
