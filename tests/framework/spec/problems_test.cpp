#include "spec/problems.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ThrowsMessage;

Mark mark(const char* file, int line, int column) {
  return {std::make_shared<const std::string>(file), line, column};
}

TEST(Mark, SaysFileLineAndColumn) {
  EXPECT_EQ(mark("a.yaml", 3, 12).text(), "a.yaml:3:12");
  EXPECT_EQ(mark("a.yaml", 3, 12).short_text(), "a.yaml:3");
}

TEST(Mark, SaysNoLineWhereThereIsNone) {
  EXPECT_EQ(mark("command line", 0, 0).text(), "command line");
  EXPECT_EQ(mark("command line", 0, 0).short_text(), "command line");
  EXPECT_EQ(Mark{}.text(), "?");
}

TEST(Problems, AreReportedInReadingOrder) {
  Problems problems;
  problems.add(mark("b.yaml", 1, 1), "b", "last");
  problems.add(mark("a.yaml", 10, 1), "x.y", "fourth");
  problems.add(mark("a.yaml", 2, 7), "x", "second");
  problems.add(mark("a.yaml", 2, 7), "x", "third, added later");
  problems.add(mark("a.yaml", 2, 3), "", "first, without a path");
  EXPECT_EQ(problems.text(),
            "a.yaml:2:3: first, without a path\n"
            "a.yaml:2:7: x: second\n"
            "a.yaml:2:7: x: third, added later\n"
            "a.yaml:10:1: x.y: fourth\n"
            "b.yaml:1:1: b: last");
}

TEST(Problems, AreReportedOnceHoweverOftenTheyAreFound) {
  Problems problems;
  problems.add(mark("a.yaml", 2, 7), "x", "m");
  problems.add(mark("a.yaml", 1, 1), "x", "m");
  problems.add(mark("a.yaml", 2, 7), "x", "m");
  problems.add(mark("a.yaml", 2, 7), "y", "m");
  EXPECT_EQ(problems.text(), "a.yaml:1:1: x: m\na.yaml:2:7: x: m\na.yaml:2:7: y: m");
}

TEST(Problems, AreThrownTogether) {
  Problems problems;
  EXPECT_TRUE(problems.empty());
  EXPECT_NO_THROW(problems.throw_if_any());
  problems.add(mark("a", 1, 1), "k", "m");
  problems.add(mark("a", 2, 1), "k", "n");
  EXPECT_FALSE(problems.empty());
  EXPECT_THAT([&] { problems.throw_if_any(); }, ThrowsMessage<Error>("a:1:1: k: m\na:2:1: k: n"));
}

TEST(Problems, ShowNothingThatATerminalWouldObey) {
  Problems problems;
  problems.add({}, "a", "found '\x1b[2J'");
  EXPECT_EQ(problems.text(), "?: a: found '\\x1b[2J'");
}

TEST(Problems, OfManyShowTheFirst) {
  Problems problems;
  for (int i = 0; i < 250; ++i) problems.add({}, std::to_string(i), "wrong");
  EXPECT_TRUE(problems.are_many());
  EXPECT_THAT(problems.text(), testing::EndsWith("?: 99: wrong\nand 150 more mistakes"));
}

}  // namespace
}  // namespace groklab
