// What a JSON schema says of the plugins of one kind.
#pragma once

#include "spec/json_pieces.h"
#include "spec/json_schema.h"

#include <string>
#include <vector>

namespace groklab {

class PluginKind {
 public:
  PluginKind(std::string kind, const std::vector<PluginFacts>& plugins);

  // Adds `<kind>.<name>`, the map of each plugin; `<kind>_name` and `<kind>_parameters`, the names
  // and the parameters of them all; and `<kind>`: a name, or a map in which the name may be left
  // to a spec that is extended.
  void define(Json& definitions) const;

  // That a plugin is named, with the parameters that it cannot do without.
  Json complete() const;

  // A parameter as all plugins that have it declare it.
  struct Parameter {
    std::string name;
    std::vector<const Field*> fields;
    Json value;  // one of their values
  };
  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  std::string kind_;
  std::vector<const PluginFacts*> plugins_;
  std::vector<Parameter> parameters_;
};

}  // namespace groklab
