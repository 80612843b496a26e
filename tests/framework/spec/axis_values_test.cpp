#include "spec/axis_values.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// The values of an axis, as the texts that a spec would have.
std::vector<std::string> values(const std::string& axis) {
  Problems problems;
  const auto nodes = axis_values(parse_yaml(axis, "s.yaml"), "x", problems);
  EXPECT_EQ(problems.text(), "") << axis;
  std::vector<std::string> texts;
  for (const auto& node : nodes.value_or(std::vector<YamlNode>{})) {
    texts.push_back(flow_text(node));
  }
  return texts;
}

std::string problems_of(const std::string& axis) {
  Problems problems;
  EXPECT_EQ(axis_values(parse_yaml(axis, "s.yaml"), "x", problems), std::nullopt) << axis;
  return problems.text();
}

TEST(AxisValues, AreThoseOfAListAsTheyAreWritten) {
  EXPECT_THAT(values("[add, '5', 1e-3, 0.10]"), ElementsAre("add", "\"5\"", "1e-3", "0.10"));
  EXPECT_THAT(values("[[], [noise], {name: adam}]"), ElementsAre("[]", "[noise]", "{name: adam}"));
}

TEST(AxisValues, OfAListKeepTheirPlaces) {
  Problems problems;
  const auto nodes = axis_values(parse_yaml("[5,\n  6]", "s.yaml"), "x", problems);
  ASSERT_TRUE(nodes);
  EXPECT_EQ(nodes->at(0).mark.text(), "s.yaml:1:2");
  EXPECT_EQ(nodes->at(1).mark.text(), "s.yaml:2:3");
}

TEST(AxisValues, OfARangeStandWhereTheRangeStands) {
  Problems problems;
  const auto root = parse_yaml("a: {from: 1, to: 2, step: 1}", "s.yaml");
  const auto nodes = axis_values(root.find("a")->value, "x", problems);
  ASSERT_TRUE(nodes);
  EXPECT_EQ(nodes->at(1).mark.text(), "s.yaml:1:4");
}

// The difference of the ends is more than the greatest double, and so is the quotient.
TEST(AxisValues, ByPointsAreFiniteOverTheWholeRangeOfADouble) {
  EXPECT_THAT(values("{from: -1e308, to: 1e308, points: 3}"),
              ElementsAre("-1e+308", "0", "1e+308"));
  EXPECT_THAT(values("{from: 1e-200, to: 1e200, points: 3, scale: log}"),
              ElementsAre("1e-200", "1", "1e+200"));
}

// In binary, 0.2 + 2 · 0.05 is 0.30000000000000004, and 0.2 + 12 · 0.05 is above 0.8.
TEST(AxisValues, ByStepAreExactDecimalsWithBothEnds) {
  EXPECT_THAT(values("{from: 0.2, to: 0.8, step: 0.05}"),
              ElementsAre("0.2", "0.25", "0.3", "0.35", "0.4", "0.45", "0.5", "0.55", "0.6", "0.65",
                          "0.7", "0.75", "0.8"));
  EXPECT_THAT(values("{from: 0.1, to: 0.7, step: 0.1}"),
              ElementsAre("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"));
  const auto thousand = values("{from: 0.001, to: 1, step: 0.001}");
  ASSERT_THAT(thousand, SizeIs(1000));
  for (std::size_t i = 0; i < thousand.size(); ++i) {
    EXPECT_EQ(std::stod(thousand[i]), static_cast<double>(i + 1) / 1000) << thousand[i];
    EXPECT_LE(thousand[i].size(), 5U);
  }
}

TEST(AxisValues, ByStepStopBeforeAnEndTheyDoNotMeet) {
  EXPECT_THAT(values("{from: 0, to: 1, step: 0.4}"), ElementsAre("0", "0.4", "0.8"));
  EXPECT_THAT(values("{from: 1, to: 1, step: 5}"), ElementsAre("1"));
}

TEST(AxisValues, ByStepMayFallAndPassZero) {
  EXPECT_THAT(values("{from: 3, to: 1, step: -1}"), ElementsAre("3", "2", "1"));
  EXPECT_THAT(values("{from: -0.3, to: 0.1, step: 0.1}"),
              ElementsAre("-0.3", "-0.2", "-0.1", "0", "0.1"));
}

TEST(AxisValues, ThatAreWholeKeepAllTheirDigits) {
  EXPECT_THAT(values("{from: 1234567890123, to: 1234567890124, step: 1}"),
              ElementsAre("1234567890123", "1234567890124"));
  EXPECT_THAT(values("{from: 1e5, to: 3e5, step: 1e5}"), ElementsAre("100000", "200000", "300000"));
}

TEST(AxisValues, ByPointsAreEvenlySpaced) {
  EXPECT_THAT(values("{from: 0.1, to: 0.7, points: 4}"), ElementsAre("0.1", "0.3", "0.5", "0.7"));
  EXPECT_THAT(values("{from: 0, to: 1, points: 4, scale: linear}"),
              ElementsAre("0", "0.333333333333", "0.666666666667", "1"));
  EXPECT_THAT(values("{from: 1, to: -1, points: 3}"), ElementsAre("1", "0", "-1"));
}

TEST(AxisValues, OnALogarithmicScaleHaveEqualRatios) {
  EXPECT_THAT(values("{from: 1e-4, to: 1e-2, points: 5, scale: log}"),
              ElementsAre("0.0001", "0.000316227766017", "0.001", "0.00316227766017", "0.01"));
  EXPECT_THAT(values("{from: 8, to: 1, points: 4, scale: log}"), ElementsAre("8", "4", "2", "1"));
  EXPECT_THAT(values("{from: 1e-15, to: 1, points: 4, scale: log}"),
              ElementsAre("1e-15", "1e-10", "1e-05", "1"));
  EXPECT_THAT(values("{from: 1e-300, to: 1e300, points: 3, scale: log}"),
              ElementsAre("1e-300", "1", "1e+300"));
}

TEST(AxisValues, RefuseWhatIsNeitherListNorRange) {
  const std::string expected =
      "expected a list of values, {from, to, step} or {from, to, points, scale}, found ";
  EXPECT_EQ(problems_of("5"), "s.yaml:1:1: x: " + expected + "'5'");
  EXPECT_EQ(problems_of("~"), "s.yaml:1:1: x: " + expected + "nothing");
  EXPECT_EQ(problems_of("[]"),
            "s.yaml:1:1: x: an empty list; give at least one value, or leave out the axis");
}

TEST(AxisValues, RefuseDuplicates) {
  EXPECT_EQ(problems_of("[1, 2, 1, [a], [a]]"),
            "s.yaml:1:8: x: 1 stands in this axis twice\n"
            "s.yaml:1:16: x: [a] stands in this axis twice");
  EXPECT_EQ(problems_of("{from: 1, to: 1, points: 2}"),
            "s.yaml:1:1: x: 1 stands in this axis twice");
}

TEST(AxisValues, RefuseRangesWithoutAnEndOrAWidth) {
  EXPECT_EQ(problems_of("{step: 1}"),
            "s.yaml:1:1: x.from: missing: a range goes from one number to another\n"
            "s.yaml:1:1: x.to: missing: a range goes from one number to another");
  const std::string one_of =
      "s.yaml:1:1: x: expected one of step and points, as in {from: 0.2, to: 0.8, step: 0.1} or "
      "{from: 1e-4, to: 1e-2, points: 5, scale: log}";
  EXPECT_EQ(problems_of("{from: 1, to: 2}"), one_of);
  EXPECT_EQ(problems_of("{from: 1, to: 2, step: 1, points: 2}"), one_of);
  EXPECT_EQ(problems_of("{from: 1, to: 2, step: 1, scale: log}"),
            "s.yaml:1:34: x.scale: goes with points, not with step");
}

TEST(AxisValues, RefuseUnknownKeysOfARange) {
  EXPECT_EQ(problems_of("{from: 1, to: 2, stpe: 1}"),
            "s.yaml:1:18: x.stpe: unknown key; did you mean 'step'?");
  EXPECT_EQ(problems_of("{learning_rate: [1]}"),
            "s.yaml:1:2: x.learning_rate: unknown key; known: from, to, step, points, scale");
}

TEST(AxisValues, RefuseWhatIsNoNumber) {
  EXPECT_EQ(problems_of("{from: a, to: '2', step: [1]}"),
            "s.yaml:1:8: x.from: expected a number, found 'a'\n"
            "s.yaml:1:15: x.to: expected a number, found the text \"2\"\n"
            "s.yaml:1:26: x.step: expected a number, found a list");
  EXPECT_EQ(problems_of("{from: 1, to: 2, points: 2.5}"),
            "s.yaml:1:26: x.points: expected an integer in [2, 100000], found '2.5'");
  EXPECT_EQ(problems_of("{from: 1, to: 2, points: 1}"),
            "s.yaml:1:26: x.points: expected an integer in [2, 100000], found '1'");
  EXPECT_EQ(problems_of("{from: 1, to: 2, points: 2, scale: lg}"),
            "s.yaml:1:36: x.scale: expected linear or log, found 'lg'");
}

TEST(AxisValues, RefuseAStepThatLeadsElsewhere) {
  EXPECT_EQ(problems_of("{from: 0.2, to: 0.8, step: -0.1}"),
            "s.yaml:1:28: x.step: expected a step that leads from 0.2 to 0.8, found '-0.1'");
  EXPECT_EQ(problems_of("{from: 3, to: 1, step: 1}"),
            "s.yaml:1:24: x.step: expected a step that leads from 3 to 1, found '1'");
  for (const auto* ends : {"from: 1, to: 2", "from: 1, to: 1"}) {
    EXPECT_THAT(problems_of(std::string("{") + ends + ", step: 0}"), testing::EndsWith("found '0'"))
        << ends;
  }
}

TEST(AxisValues, RefuseALogarithmOfZero) {
  EXPECT_EQ(problems_of("{from: 0, to: 1, points: 3, scale: log}"),
            "s.yaml:1:8: x.from: expected a number > 0 on a logarithmic scale, found '0'");
  EXPECT_EQ(problems_of("{from: 1, to: -1, points: 3, scale: log}"),
            "s.yaml:1:15: x.to: expected a number > 0 on a logarithmic scale, found '-1'");
}

TEST(AxisValues, RefuseMoreThan100000) {
  EXPECT_THAT(values("{from: 1, to: 100000, step: 1}"), SizeIs(100'000));
  for (const auto* range :
       {"{from: 0, to: 100000, step: 1}", "{from: -1e308, to: 1e308, step: 1e-300}"}) {
    EXPECT_THAT(problems_of(range), testing::EndsWith("x.step: gives more than 100000 values"))
        << range;
  }
  EXPECT_EQ(problems_of("{from: 0, to: 1, points: 100001}"),
            "s.yaml:1:26: x.points: expected an integer in [2, 100000], found '100001'");
}

}  // namespace
}  // namespace groklab
