#include "spec/json_sweep.h"

#include "spec/axis_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

constexpr const char* kRange = "definitions/range";
constexpr const char* kAxes = "definitions/axes";
constexpr const char* kSettings = "definitions/settings";

bool takes_numbers(const Field* field) {
  return field->type != Field::Type::flag && field->type != Field::Type::choice;
}

bool takes_fractions(const Field* field) {
  return field->type == Field::Type::real || field->type == Field::Type::text;
}

// A list of values, or a range where numbers stand.
Json axis(const Json& value, const std::vector<const Field*>& fields) {
  const Json list{{"type", "array"}, {"minItems", 1}, {"uniqueItems", true}, {"items", value}};
  if (std::none_of(fields.begin(), fields.end(), takes_numbers)) return list;
  // The first value is one of the place. The last is too if points are counted; a step may miss it.
  Json ends{{"from", value}};
  if (std::none_of(fields.begin(), fields.end(), takes_fractions)) {
    ends["step"] = {{"type", "integer"}};
  }
  const Json range{{"allOf", Json::array({reference(kRange)})},
                   {"properties", ends},
                   {"if", has("points")},
                   {"then", where("to", value)}};
  return {{"type", Json::array({"array", "object"})},
          {"if", {{"type", "array"}}},
          {"then", list},
          {"else", range}};
}

Json described(const char* description, const Json& schema) {
  return joined({{"description", description}}, schema);
}

Json range() {
  const Json real{{"type", "number"}}, above_zero{{"exclusiveMinimum", 0}};
  const Json not_zero{{"type", "number"}, {"not", {{"const", 0}}}};
  const Json count{{"type", "integer"}, {"minimum", 2}, {"maximum", kMaxCells}};
  const Json scale{{"enum", Json::array({"linear", "log"})}, {"default", "linear"}};
  const Json properties{
      {"from", described("the first value", real)},
      {"to", described("the end, which is a value too if a step falls on it", real)},
      {"step", described("from one value to the next; negative in a falling range", not_zero)},
      {"points", described("how many values, both ends included", count)},
      {"scale", described("log spaces the logarithms evenly; goes with points", scale)}};
  const auto by_step = joined(has("step"), {{"not", has_any({"points", "scale"})}});
  const auto by_points = joined(has("points"), {{"not", has("step")}});
  return {{"type", "object"},
          {"properties", properties},
          {"required", Json::array({"from", "to"})},
          {"additionalProperties", false},
          {"anyOf", Json::array({by_step, by_points})},
          {"if", is_map_with("scale", {{"const", "log"}})},
          {"then", {{"properties", {{"from", above_zero}, {"to", above_zero}}}}}};
}

Json sweep(const Json& excluded_paths) {
  const Json axes = reference(kAxes);
  const Json together{{"allOf", Json::array({axes})}, {"type", "object"}, {"minProperties", 1}};
  const Json cells{{"type", "object"}, {"minProperties", 1}, {"propertyNames", excluded_paths}};
  const Json list_or_none{{"type", Json::array({"array", "null"})}};
  const Json count{{"type", "integer"}, {"minimum", 1}, {"maximum", kMaxCells}};
  const Json names{{"pattern", "^[A-Za-z0-9_-]+$"}};
  const Json properties{
      {"variants", described("named sets of settings, one for each cell",
                             {{"type", Json::array({"object", "null"})},
                              {"propertyNames", names},
                              {"additionalProperties", reference(kSettings)}})},
      {"grid", described("every combination of the values of these settings",
                         {{"allOf", Json::array({axes})}})},
      {"zip", described("settings that change together: in each map, lists of one length",
                        joined(list_or_none, {{"items", together}}))},
      {"seeds", described("how many seeds; 3 is short for an axis seed: [0, 1, 2]", count)},
      {"exclude", described("cells to leave out: those that have, or have one of, all the values "
                            "of a map",
                            joined(list_or_none, {{"items", cells}}))}};
  return {{"description", "what varies between the cells of the experiment"},
          {"type", Json::array({"object", "null"})},
          {"properties", properties},
          {"additionalProperties", false}};
}

}  // namespace

Json sweeps(const std::vector<std::string>& paths) {
  const auto axes = joined({{"type", "object"}}, has_any(paths));
  const Json some{{"type", "array"}, {"contains", axes}};
  const Json variants{
      {"type", "object"},
      {"minProperties", 1},
      {"additionalProperties", any_of(Json::array({axes, Json{{"type", "null"}}}))}};
  return is_map_with("sweep",
                     any_of(Json::array({is_map_with("grid", axes), is_map_with("zip", some),
                                         is_map_with("variants", variants)})));
}

void SweptPlaces::add(const std::string& path, const Json& value,
                      const std::vector<const Field*>& fields) {
  axes_[path] = axis(value, fields);
  values_[path] = value;
}

void SweptPlaces::add_to_items(const std::string& list, const std::string& path, const Json& value,
                               const std::vector<const Field*>& fields) {
  const auto point = path.empty() ? "" : R"(\.)";
  const auto pattern = fmt::format(R"(^{}\.(0|[1-9][0-9]*){}{}$)", list, point, path);
  item_axes_[pattern] = axis(value, fields);
  item_values_[pattern] = value;
}

void SweptPlaces::define(Json& definitions) const {
  auto paths = Json::array();
  for (const auto& path : fixed_) paths.push_back(path);
  for (const auto& [path, axis] : axes_.items()) paths.push_back(path);
  auto options = Json::array({{{"enum", paths}}});
  for (const auto& [pattern, axis] : item_axes_.items()) {
    options.push_back({{"pattern", pattern}});
  }
  definitions["range"] = range();
  definitions["axes"] = {{"type", Json::array({"object", "null"})},
                         {"properties", axes_},
                         {"patternProperties", item_axes_},
                         {"additionalProperties", false}};
  definitions["settings"] = {{"type", Json::array({"object", "null"})},
                             {"properties", values_},
                             {"patternProperties", item_values_},
                             {"additionalProperties", false}};
  definitions["sweep"] = sweep(any_of(std::move(options)));
}

}  // namespace groklab
