#include "spec/json_schema.h"

#include "spec/json_plugins.h"
#include "spec/json_sweep.h"
#include "spec/merge.h"
#include "spec/reader.h"
#include "spec/sweep_section.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

class Writer {
 public:
  Writer(const std::vector<PluginFacts>& plugins, const std::vector<EntryKind>& figures,
         const std::vector<EntryKind>& statistics)
      : plugins_(plugins), figures_(figures), statistics_(statistics) {}

  Json document() {
    files();
    for (const auto& [name, schema] : own_schemas()) {
      if (name.empty()) top_level(schema);
    }
    for (const auto& section : plugin_sections()) plugin_section(section);
    for (const auto& [name, schema] : own_schemas()) {
      if (!name.empty()) own_section(name, schema);
    }
    report_list("figures", "kind", "figure", figures_, "what `groklab report` draws");
    report_list("expect", "statistic", "expectation", statistics_,
                "claims, each a statistic and its bounds, which `groklab report` judges");
    require_bounds();
    places_.define(definitions_);
    properties_["sweep"] = reference("definitions/sweep");
    return {{"$schema", "http://json-schema.org/draft-07/schema#"},
            {"$comment", "Written by `groklab schema`."},
            {"title", "An experiment of groklab"},
            {"type", "object"},
            {"properties", properties_},
            {"additionalProperties", false},
            {"allOf", demands_},
            {"definitions", definitions_}};
  }

 private:
  // What is read before a spec is whole.
  void files() {
    const Json path{{"type", "string"}};
    properties_["extends"] = {{"description",
                               "a spec that comes first, relative to this file; "
                               "this file says what differs"},
                              {"type", "string"}};
    properties_["plugins"] = {{"description", "folders with plugins, relative to this file"},
                              {"type", Json::array({"string", "array", "null"})},
                              {"items", path}};
  }

  void top_level(const Schema& schema) {
    for (const auto& field : schema.fields()) {
      auto& property = properties_[field.name] = documented(field);
      if (field.name == "experiment") {
        property["type"] = Json::array({"string", "integer", "boolean"});
        property["pattern"] = fmt::format("^{}$", kExperimentName);
      }
      const bool varies = can_be_swept(*parse_path(field.name));
      if (varies) {
        places_.add(field.name, reference("properties/" + field.name), {&field});
      } else {
        places_.add_fixed(field.name);
      }
      using Paths = std::vector<std::string>;
      if (field.required) demand(has(field.name), varies ? Paths{field.name} : Paths{});
    }
  }

  void plugin_section(const PluginSection& section) {
    const PluginKind kind(section.kind, plugins_);
    kind.define(definitions_);
    const auto& key = section.key;
    const auto one = reference("definitions/" + section.kind);
    auto& property = properties_[key] = {{"description", section.help}};
    if (section.is_list) {
      property["type"] = Json::array({"array", "null"});
      property["items"] = {{"allOf", Json::array({one, kind.complete()})}};
      places_.add(key, reference("properties/" + key), {});
    } else {
      property["allOf"] = Json::array({one});
      demand_plugin(key, kind);
    }
    const auto add_place = [&](const std::string& path, const Json& value,
                               const std::vector<const Field*>& fields) {
      if (section.is_list) return places_.add_to_items(key, path, value, fields);
      places_.add(path.empty() ? key : key + "." + path, value, fields);
    };
    add_place("", section.is_list ? reference("properties/" + key + "/items") : one, {});
    add_place("name", reference(fmt::format("definitions/{}_name", section.kind)), {});
    for (const auto& [name, fields, value] : kind.parameters()) add_place(name, value, fields);
  }

  void demand_plugin(const std::string& key, const PluginKind& kind) {
    std::vector<std::string> paths{key, key + ".name"};
    for (const auto& [name, fields, value] : kind.parameters()) {
      const bool required =
          std::any_of(fields.begin(), fields.end(), [](auto* field) { return field->required; });
      if (required) paths.push_back(key + "." + name);
    }
    demand(joined(has(key), where(key, kind.complete())), paths);
  }

  void own_section(const std::string& name, const Schema& schema) {
    const auto place = "definitions/" + name;
    definitions_[name] = map_schema(schema);
    properties_[name] = reference(place);
    std::vector<const Field*> short_form;  // what a single value for all fields is like
    if (name == "seed") {
      short_form = {&schema.fields().front()};
      properties_[name] = {{"description", "one number for all, or a map"},
                           {"type", Json::array({"integer", "object"})},
                           {"if", {{"type", "object"}}},
                           {"then", reference(place)},
                           {"else", value_schema(*short_form[0])}};
    }
    places_.add(name, reference("properties/" + name), short_form);
    for (const auto& field : schema.fields()) {
      const auto path = name + "." + field.name;
      places_.add(path, reference(fmt::format("{}/properties/{}", place, field.name)), {&field});
      if (field.required) demand(joined(has(name), where(name, has(field.name))), {name, path});
    }
  }

  // A list of things that `groklab report` makes, each its kind alone or a map with its options.
  void report_list(const std::string& section, const std::string& key, const std::string& entry,
                   const std::vector<EntryKind>& kinds, const std::string& description) {
    auto names = Json::array();
    auto rules = Json::array();
    for (const auto& [kind, summary, schema] : kinds) {
      const Json name{{"const", kind}, {"description", summary}};
      const auto place = entry + "." + kind;
      auto map = joined({{"description", summary}}, map_schema(schema));
      map["properties"][key] = name;
      map["required"] = Json::array();
      for (const auto& field : schema.fields()) {
        if (field.required) map["required"].push_back(field.name);
      }
      definitions_[place] = std::move(map);
      names.push_back(name);
      rules.push_back({{"if", is_map_with(key, {{"const", kind}})},
                       {"then", reference("definitions/" + place)}});
    }
    definitions_[entry + "_" + key] = any_of(std::move(names));
    const auto kind = reference(fmt::format("definitions/{}_{}", entry, key));
    definitions_[entry] = {{"type", Json::array({"string", "object"})},
                           {"if", {{"type", "object"}}},
                           {"then", joined(has(key), where(key, kind))},
                           {"else", kind},
                           {"allOf", rules}};
    properties_[section] = {{"description", description},
                            {"type", Json::array({"array", "null"})},
                            {"items", reference("definitions/" + entry)}};
    places_.add_fixed(section);
  }

  // An expectation is a map with a bound.
  void require_bounds() {
    for (const auto& statistic : statistics_) {
      auto& properties = definitions_["expectation." + statistic.name]["properties"];
      for (const auto* bound : {"at_least", "at_most"}) {
        properties[bound]["type"] = Json::array({"number", "string"});
        properties[bound]["pattern"] = "^(-?[0-9.]+([eE][+-]?[0-9]+)?)?$";
      }
    }
    definitions_["expectation"]["type"] = "object";
    definitions_["expectation"].update(has_any({"at_least", "at_most"}));
  }

  // What a spec must say unless one that it extends does, or its sweep at one of the paths.
  void demand(const Json& rule, const std::vector<std::string>& paths) {
    auto elsewhere = Json::array({has("extends")});
    if (!paths.empty()) elsewhere.push_back(sweeps(paths));
    demands_.push_back({{"if", {{"not", any_of(std::move(elsewhere))}}}, {"then", rule}});
  }

  const std::vector<PluginFacts>& plugins_;
  const std::vector<EntryKind>&figures_, &statistics_;
  SweptPlaces places_;
  Json properties_ = Json::object(), definitions_ = Json::object(), demands_ = Json::array();
};

}  // namespace

std::string json_schema(const std::vector<PluginFacts>& plugins,
                        const std::vector<EntryKind>& figures,
                        const std::vector<EntryKind>& statistics) {
  constexpr auto replace = Json::error_handler_t::replace;
  return Writer(plugins, figures, statistics).document().dump(1, ' ', false, replace) + "\n";
}

}  // namespace groklab
