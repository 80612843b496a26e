#include "store/json_field.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Throws;
using testing::ThrowsMessage;
using Json = nlohmann::ordered_json;

// Lives as long as the test, as fields point into it.
class JsonFieldTest : public testing::Test {
 protected:
  JsonField parse(const char* text) {
    json_ = parse_json(text);
    return JsonField(json_);
  }

  Json json_;
};

TEST_F(JsonFieldTest, GivesWhatIsThere) {
  const auto plan = parse(R"({"packs": [{"name": "p1", "cells": [0, 2]}], "rate": 0.5})");
  const auto pack = plan.at("packs").items().at(0);
  EXPECT_EQ(pack.at("name").text(), "p1");
  EXPECT_EQ(pack.at("cells").items().at(1).integer(), 2);
  EXPECT_EQ(plan.at("rate").number(), 0.5);
  EXPECT_FALSE(plan.find("claims").has_value());
  EXPECT_EQ(pack.members().at(0).first, "name");
  EXPECT_THAT(parse(R"(["a", ""])").texts(), ElementsAre("a", ""));
}

TEST_F(JsonFieldTest, NamesThePlaceAndTheValueOfWhatDoesNotFit) {
  const auto plan = parse(R"({"packs": [{"name": 7, "cells": [-1], "graph": ["g"]}], "keys": {}})");
  const auto pack = plan.at("packs").items().at(0);
  const auto expect = [](const auto& read, const char* message) {
    EXPECT_THAT(read, ThrowsMessage<Error>(message));
  };
  expect([&] { plan.at("cells"); }, "cells is missing");
  expect([&] { pack.at("cell"); }, "packs.0.cell is missing");
  expect([&] { pack.at("name").text(); }, "packs.0.name: expected text, found 7");
  expect([&] { pack.at("graph").text(); }, "packs.0.graph: expected text, found a list");
  expect([&] { plan.at("keys").items(); }, "keys: expected a list, found an object");
  expect([&] { plan.at("packs").members(); }, "packs: expected an object, found a list");
  expect([&] { pack.at("name").at("x"); }, "packs.0.name: expected an object, found 7");
  expect([&] { pack.at("cells").items()[0].integer(0); },
         "packs.0.cells.0: expected an integer of at least 0, found -1");
  expect([&] { pack.at("name").integer(0, 6); },
         "packs.0.name: expected an integer in [0, 6], found 7");
  expect([&] { parse("\"x\"").number(); }, "expected a number, found \"x\"");
}

TEST_F(JsonFieldTest, TakesNoNumberThatAnIntegerCannotHold) {
  EXPECT_EQ(parse("-9223372036854775808").integer(), INT64_MIN);
  EXPECT_EQ(parse("9223372036854775807").integer(), INT64_MAX);
  for (const auto* text : {"9223372036854775808", "18446744073709551616", "-9223372036854775809",
                           "1.0", "1e300", "true", "null", "\"1\""}) {
    EXPECT_THAT([&] { parse(text).integer(); },
                ThrowsMessage<Error>(HasSubstr("expected an integer, found ")))
        << text;
  }
}

TEST_F(JsonFieldTest, ShowsLittleOfALongValue) {
  const auto text = fmt::format("\"{:x<1000}\"", "");
  EXPECT_THAT([&] { parse(text.c_str()).number(); },
              ThrowsMessage<Error>("expected a number, found \"" + std::string(39, 'x') + "…"));
}

TEST_F(JsonFieldTest, RefusesWhatIsNoJsonOrNestedTooDeeply) {
  for (const auto* text : {"", "{", "nul", "[1,]", "1e999", "\xff"}) {
    EXPECT_THAT([&] { parse(text); }, ThrowsMessage<Error>(HasSubstr("not JSON: "))) << text;
  }
  const auto deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT([&] { parse(deep.c_str()); }, ThrowsMessage<Error>("nested too deeply"));
  EXPECT_NO_THROW(parse("[[[[[[[[[[{\"a\":[]}]]]]]]]]]]"));
}

}  // namespace
}  // namespace groklab
