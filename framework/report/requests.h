#pragma once

#include "base/text.h"
#include "store/request.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <groklab/params.h>

#include <algorithm>
#include <string>
#include <vector>

namespace groklab {

// The kind of this name, of figures or statistics; `what` they are, for the Error that is thrown,
// with the nearest names, if there is none.
template <typename Kind>
const Kind& kind_named(const std::vector<Kind>& kinds, const std::string& name,
                       const std::string& what) {
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
  if (found != kinds.end()) return *found;
  std::vector<std::string> names;
  for (const auto& kind : kinds) names.push_back(kind.name);
  throw Error(fmt::format("there is no {} '{}'{}", what, name, suggestion(name, names)));
}

// The options of a request, all that its kind has. Throws Error if one is not of the kind's schema,
// as of a plan that another version made.
Params checked_options(const std::string& kind, const Schema& schema, const Request& request);

}  // namespace groklab
