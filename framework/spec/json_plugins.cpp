#include "spec/json_plugins.h"

#include "spec/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace groklab {
namespace {

// Plugins that declare a parameter alike are one option for its value.
Json value_of_any(const std::vector<std::pair<const Field*, std::string>>& declarations) {
  auto values = Json::array(), options = Json::array();
  for (const auto& [field, place] : declarations) {
    const auto value = value_schema(*field);
    if (std::find(values.begin(), values.end(), value) != values.end()) continue;
    values.push_back(value);
    options.push_back(reference(place));
  }
  return any_of(std::move(options));
}

Json label_schema() {
  return {{"description", "what its columns begin with in place of its name"},
          {"type", "string"},
          {"pattern", std::string("^") + kLabelForm + "$"}};
}

}  // namespace

PluginKind::PluginKind(std::string kind, const std::vector<PluginFacts>& plugins)
    : kind_(std::move(kind)) {
  std::vector<std::vector<std::pair<const Field*, std::string>>> declarations;
  for (const auto& plugin : plugins) {
    if (plugin.kind != kind_) continue;
    plugins_.push_back(&plugin);
    for (const auto& field : plugin.schema.fields()) {
      auto parameter = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&](const auto& known) { return known.name == field.name; });
      if (parameter == parameters_.end()) {
        parameter = parameters_.insert(parameter, {field.name, {}, {}});
        declarations.emplace_back();
      }
      parameter->fields.push_back(&field);
      declarations[static_cast<std::size_t>(parameter - parameters_.begin())].emplace_back(
          &field, fmt::format("definitions/{}.{}/properties/{}", kind_, plugin.name, field.name));
    }
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    parameters_[i].value = value_of_any(declarations[i]);
  }
}

void PluginKind::define(Json& definitions) const {
  auto names = Json::array(), rules = Json::array();
  for (const auto* plugin : plugins_) {
    const auto place = fmt::format("{}.{}", kind_, plugin->name);
    const Json name{{"const", plugin->name}, {"description", plugin->summary}};
    auto map = joined({{"description", plugin->summary}}, map_schema(plugin->schema));
    map["properties"]["name"] = name;
    if (kind_ == "probe") map["properties"][kLabelKey] = label_schema();
    definitions[place] = std::move(map);
    names.push_back(name);
    rules.push_back({{"if", is_map_with("name", {{"const", plugin->name}})},
                     {"then", reference("definitions/" + place)}});
  }
  if (names.empty()) names.push_back({{"not", Json::object()}});
  auto parameters = Json::object();
  for (const auto& parameter : parameters_) parameters[parameter.name] = parameter.value;
  if (kind_ == "probe") parameters[kLabelKey] = label_schema();

  const auto name = reference(fmt::format("definitions/{}_name", kind_));
  const Json is_map{{"type", "object"}};
  rules.push_back({{"if", joined(is_map, {{"not", has("name")}})},
                   {"then", reference(fmt::format("definitions/{}_parameters", kind_))}});
  definitions[kind_ + "_name"] = any_of(std::move(names));
  definitions[kind_ + "_parameters"] = {
      {"type", "object"}, {"properties", parameters}, {"additionalProperties", false}};
  definitions[kind_] = {{"type", Json::array({"string", "object"})},
                        {"if", is_map},
                        {"then", where("name", name)},
                        {"else", name},
                        {"allOf", rules}};
}

Json PluginKind::complete() const {
  auto rules = Json::array({has("name")});
  for (const auto* plugin : plugins_) {
    auto keys = Json::array();
    for (const auto& field : plugin->schema.fields()) {
      if (field.required) keys.push_back(field.name);
    }
    if (keys.empty()) continue;
    const Json name{{"const", plugin->name}};
    rules.push_back({{"if", any_of(Json::array({name, is_map_with("name", name)}))},
                     {"then", {{"type", "object"}, {"required", keys}}}});
  }
  return rules.size() == 1 ? rules.front() : Json{{"allOf", rules}};
}

}  // namespace groklab
