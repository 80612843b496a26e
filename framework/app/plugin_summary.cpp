#include "app/plugin_summary.h"

#include "base/text.h"

#include <groklab/operation.h>

namespace groklab {

std::string formula_of(const Library& library) {
  if (std::string(library.descriptor->kind) != Operation::kKind) return "";
  try {
    const auto schema = schema_of(library);
    for (const auto& field : schema.fields()) {
      if (field.required) return "";
    }
    const auto plugin = create_plugin(library, Params::from_defaults(schema));
    const auto* operation = dynamic_cast<const Operation*>(plugin.get());
    return operation == nullptr ? "" : operation->formula();
  } catch (const std::exception& error) {
    return message_of(error);
  } catch (...) {
    return "its formula fails";
  }
}

std::string summary_of(const Library& library) {
  const std::string own = library.descriptor->summary;
  return own.empty() ? formula_of(library) : own;
}

}  // namespace groklab
