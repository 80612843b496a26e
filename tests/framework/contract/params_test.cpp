#include <gmock/gmock.h>
#include <groklab/params.h>

#include <limits>
#include <stdexcept>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Schema example_schema() {
  return Schema{}
      .real("rate", 0.5, "a rate", unit_interval)
      .integer("count", 3, "a count", at_least(1))
      .flag("coupled", false, "a switch")
      .text("label", "none", "a label")
      .choice("shape", "flat", "a shape", {"flat", "round"})
      .integer_or_choice("size", "full", "a size", {"full", "half"}, at_least(1));
}

TEST(ValueText, IsTheShortestThatReadsBack) {
  EXPECT_EQ(to_text(Value(0.1)), "0.1");
  EXPECT_EQ(to_text(Value(0.001)), "0.001");
  EXPECT_EQ(to_text(Value(1e-8)), "1e-08");
  EXPECT_EQ(to_text(Value(0.98)), "0.98");
  EXPECT_EQ(std::stod(to_text(Value(1.0 / 3.0))), 1.0 / 3.0);
}

TEST(ValueText, TellsTheTypeOfAValue) {
  EXPECT_EQ(to_text(Value(true)), "true");
  EXPECT_EQ(to_text(Value(false)), "false");
  EXPECT_EQ(to_text(Value(std::int64_t{1})), "1");
  EXPECT_EQ(to_text(Value(1.0)), "1.0");
  EXPECT_EQ(to_text(Value(-3.0)), "-3.0");
  EXPECT_EQ(to_text(Value(std::string("adamw"))), "adamw");
}

TEST(ValueText, HoldsEveryInteger) {
  EXPECT_EQ(to_text(Value(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(to_text(Value(std::numeric_limits<std::int64_t>::max())), "9223372036854775807");
}

TEST(Range, ChecksItsEndsAsItSaysThem) {
  EXPECT_TRUE(unit_interval.contains(0));
  EXPECT_FALSE(unit_interval.contains(1));
  EXPECT_FALSE(unit_interval.contains(-1e-12));
  EXPECT_FALSE(open_interval.contains(0));
  EXPECT_TRUE(open_interval.contains(0.5));
  EXPECT_FALSE(open_interval.contains(1));
  EXPECT_FALSE(positive.contains(0));
  EXPECT_TRUE(positive.contains(std::numeric_limits<double>::denorm_min()));
  EXPECT_TRUE(non_negative.contains(0));
  EXPECT_FALSE(non_negative.contains(-1));
  EXPECT_TRUE(between(2, 5).contains(2));
  EXPECT_TRUE(between(2, 5).contains(5));
  EXPECT_FALSE(between(2, 5).contains(5.5));
  EXPECT_TRUE(at_least(1).contains(1));
  EXPECT_FALSE(at_least(1).contains(0));
}

TEST(Range, HoldsNoInfinityAndNoNaN) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& range : {any_number, positive, non_negative, unit_interval, at_least(1)}) {
    EXPECT_FALSE(range.contains(kInfinity)) << range.text();
    EXPECT_FALSE(range.contains(-kInfinity)) << range.text();
    EXPECT_FALSE(range.contains(nan)) << range.text();
  }
}

TEST(Range, SaysWhatItAllows) {
  EXPECT_EQ(any_number.text(), "a finite number");
  EXPECT_EQ(positive.text(), "> 0");
  EXPECT_EQ(non_negative.text(), "≥ 0");
  EXPECT_EQ(unit_interval.text(), "in [0, 1)");
  EXPECT_EQ(open_interval.text(), "in (0, 1)");
  EXPECT_EQ(between(2, 10000).text(), "in [2, 10000]");
  EXPECT_EQ(at_least(0.5).text(), "≥ 0.5");
}

TEST(Field, SaysItsType) {
  const auto schema = example_schema();
  EXPECT_EQ(schema.find("rate")->type_name(), "real");
  EXPECT_EQ(schema.find("count")->type_name(), "integer");
  EXPECT_EQ(schema.find("coupled")->type_name(), "true or false");
  EXPECT_EQ(schema.find("label")->type_name(), "text");
  EXPECT_EQ(schema.find("shape")->type_name(), "one of flat, round");
  EXPECT_EQ(schema.find("size")->type_name(), "one of full, half or an integer");
}

TEST(Schema, KeepsFieldsInTheOrderOfTheirDeclaration) {
  std::vector<std::string> names;
  const auto schema = example_schema();
  for (const auto& field : schema.fields()) names.push_back(field.name);
  EXPECT_THAT(names, ElementsAre("rate", "count", "coupled", "label", "shape", "size"));
  EXPECT_EQ(schema.find("colour"), nullptr);
}

TEST(Schema, MarksTheFieldDeclaredLast) {
  const auto schema = Schema{}.real("a", 1, "").per_replica().real("b", 1, "").required();
  EXPECT_TRUE(schema.find("a")->per_replica);
  EXPECT_FALSE(schema.find("b")->per_replica);
  EXPECT_FALSE(schema.find("a")->required);
  EXPECT_TRUE(schema.find("b")->required);
}

TEST(Schema, APathHasNoDefault) {
  const auto schema = Schema{}.path("file", "a table");
  EXPECT_EQ(schema.find("file")->type_name(), "path of a file");
  EXPECT_TRUE(schema.find("file")->required);
  EXPECT_EQ(Params::from_defaults(schema, {{"file", std::string("/a/b")}}).text("file"), "/a/b");
}

TEST(Schema, RefusesANameDeclaredTwice) {
  EXPECT_THAT([] { Schema{}.real("a", 1, "").integer("a", 1, ""); },
              ThrowsMessage<std::logic_error>(HasSubstr("declares 'a' twice")));
}

TEST(Schema, LetsOnlyRealParametersDifferBetweenReplicas) {
  EXPECT_THROW(Schema{}.per_replica(), std::logic_error);
  EXPECT_THROW(Schema{}.integer("layers", 2, "").per_replica(), std::logic_error);
  EXPECT_THROW(Schema{}.required(), std::logic_error);
}

TEST(Params, TakesDefaultsWhereNothingIsGiven) {
  const auto params = Params::from_defaults(example_schema(), {{"count", std::int64_t{7}}});
  EXPECT_EQ(params.real("rate"), 0.5);
  EXPECT_EQ(params.integer("count"), 7);
  EXPECT_FALSE(params.flag("coupled"));
  EXPECT_EQ(params.text("label"), "none");
  EXPECT_EQ(params.text("shape"), "flat");
  EXPECT_EQ(params.text("size"), "full");
  EXPECT_EQ(params.replicas(), 1U);
}

TEST(Params, RefusesAValueForAParameterThatDoesNotExist) {
  EXPECT_THAT(
      [] {
        Params::from_defaults(example_schema(), {{"colour", true}});
      },
      ThrowsMessage<std::logic_error>(HasSubstr("no parameter 'colour'")));
}

TEST(Params, RefusesToBeReadUnderAnotherName) {
  const auto params = Params::from_defaults(example_schema());
  EXPECT_THAT([&] { params.real("raet"); }, ThrowsMessage<std::logic_error>(HasSubstr("'raet'")));
}

TEST(Params, RefusesToBeReadAsAnotherType) {
  const auto params = Params::from_defaults(example_schema());
  EXPECT_THROW(params.integer("rate"), std::logic_error);
  EXPECT_THROW(params.real("count"), std::logic_error);
  EXPECT_THROW(params.flag("count"), std::logic_error);
  EXPECT_THROW(params.text("rate"), std::logic_error);
  EXPECT_THROW(params.integer("size"), std::logic_error);  // "full"
  EXPECT_THROW(params.per_replica("count"), std::logic_error);
}

TEST(Params, GivesEachReplicaItsOwnValueOrTheSharedOne) {
  const Params params(3, {{"rate", {0.1, 0.2, 0.3}}, {"decay", {1.5}}});
  EXPECT_EQ(params.replicas(), 3U);
  EXPECT_THAT(params.per_replica("rate"), ElementsAre(0.1, 0.2, 0.3));
  EXPECT_THAT(params.per_replica("decay"), ElementsAre(1.5, 1.5, 1.5));
  EXPECT_EQ(params.real("decay"), 1.5);
  EXPECT_THROW(params.real("rate"), std::logic_error);  // which of the three?
}

TEST(Params, RefusesAListThatDoesNotFitTheReplicas) {
  EXPECT_THAT(
      [] {
        Params(3, {{"rate", {0.1, 0.2}}});
      },
      ThrowsMessage<std::logic_error>(HasSubstr("'rate'")));
  EXPECT_THROW(Params(1, {{"rate", {}}}), std::logic_error);
}

}  // namespace
}  // namespace groklab
