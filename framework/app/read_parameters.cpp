#include "app/read_parameters.h"

#include "spec/overrides.h"
#include "spec/sweep_section.h"

#include <fmt/format.h>

#include <memory>

namespace groklab {

Section read_parameters(const std::string& kind, const std::string& name,
                        const std::vector<std::string>& parameters, const SchemaLookup& lookup) {
  const Mark here{std::make_shared<const std::string>("command line"), 0, 0};
  using Node = YamlNode;
  Node section{.kind = Node::Kind::map, .mark = here};
  section.entries.push_back(
      {"name", here, {.kind = Node::Kind::scalar, .mark = here, .scalar = name}});
  Node root{.kind = Node::Kind::map, .mark = here};
  root.entries.push_back({kind, here, std::move(section)});

  Problems problems;
  std::vector<std::string> overrides;
  for (const auto& parameter : parameters) {
    overrides.push_back(kind + "." + parameter);
    if (parameter.starts_with("name=") || parameter.find('=') == std::string::npos) {
      problems.add(here, kind,
                   fmt::format("'{}' is no parameter; write parameter=value", parameter));
    }
  }
  problems.throw_if_any();
  apply_overrides(root, overrides, problems);
  for (const auto& [path, mark] : swept_paths(root)) {
    problems.add(mark, path, "expected one value, found several");
  }
  problems.throw_if_any();
  auto plugin = read_plugin(root, kind, lookup, problems);
  problems.throw_if_any();
  return plugin;
}

}  // namespace groklab
