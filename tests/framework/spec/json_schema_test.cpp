// tests/program/schema_test.cpp holds the schema against the program; here is what the project's
// own plugins do not show.
#include "spec/json_schema.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using nlohmann::json;

json schema_of(const std::vector<PluginFacts>& plugins) {
  return json::parse(json_schema(plugins, {}, {}))["definitions"];
}

Schema rate(double highest) { return Schema{}.real("rate", 0.5, "", between(0, highest)); }

TEST(JsonSchema, TakesNoNameOfAKindWithoutPlugins) {
  const auto definitions = schema_of({});
  EXPECT_EQ(definitions["probe_name"], json::parse(R"({"not": {}})"));
  EXPECT_EQ(definitions["regularizer_parameters"]["properties"], json::object());
}

TEST(JsonSchema, TakesEachDeclarationOfAParameterWhereThePluginIsNotKnown) {
  const auto definitions = schema_of({{"loss", "a", "", rate(1)},
                                      {"loss", "b", "", rate(2)},
                                      {"loss", "c", "", rate(1)},
                                      {"model", "a", "", rate(3)}});
  EXPECT_EQ(definitions["loss_parameters"]["properties"]["rate"],
            json::parse(R"({"anyOf": [{"$ref": "#/definitions/loss.a/properties/rate"},
                                      {"$ref": "#/definitions/loss.b/properties/rate"}]})"));
  EXPECT_EQ(definitions["model_parameters"]["properties"]["rate"],
            json::parse(R"({"$ref": "#/definitions/model.a/properties/rate"})"));
  EXPECT_EQ(definitions["loss.b"]["properties"]["rate"]["maximum"], 2);
}

TEST(JsonSchema, SaysOfAParameterWhatDescribeSays) {
  const auto definitions = schema_of(
      {{"probe", "p", "what it is", Schema{}.real("share", 0.25, "of it", unit_interval)}});
  EXPECT_EQ(definitions["probe.p"]["description"], "what it is");
  EXPECT_EQ(definitions["probe.p"]["properties"]["share"], json::parse(R"({
    "description": "real in [0, 1), default 0.25: of it",
    "type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0.25})"));
}

TEST(JsonSchema, HasNoPlaceForAPluginThatNoSpecNames) {
  EXPECT_EQ(schema_of({{"backend", "cuda", "", rate(1)}}), schema_of({}));
}

TEST(JsonSchema, IsTextWhateverAPluginWritesInItsHelp) {
  const auto definitions = schema_of({{"probe", "p", "caf\xe9", {}}});
  EXPECT_EQ(definitions["probe.p"]["description"], "caf\xef\xbf\xbd");
}

}  // namespace
}  // namespace groklab
