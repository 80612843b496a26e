#include "app/plugin_summary.h"

#include "base/text.h"
#include "host/catalog.h"

#include <groklab/operation.h>

namespace groklab {

std::string summary_of(const Library& library) {
  const auto& descriptor = *library.descriptor;
  const bool is_operation = std::string(descriptor.kind) == Operation::kKind;
  if (*descriptor.summary != '\0' || !is_operation) return descriptor.summary;
  try {
    const auto plugin = create_plugin(library, Params::from_defaults(schema_of(library)));
    const auto* operation = dynamic_cast<const Operation*>(plugin.get());
    return operation == nullptr ? "" : operation->formula();
  } catch (const std::exception& error) {
    return message_of(error);
  } catch (...) {
    return "its formula fails";
  }
}

}  // namespace groklab
