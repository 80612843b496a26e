#include "report/gnuplot_text.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::Le;
using testing::SizeIs;

TEST(GnuplotText, IsOneLineWithoutControlCharacters) {
  EXPECT_EQ(plain("a\nb\tc\x7f"
                  "d\r\ne"),
            "a b c d  e");
  EXPECT_EQ(plain(std::string_view("a\0b", 3)), "a b");
  EXPECT_EQ(plain("a\u2028b\u202Ec\u2066d"), "a bcd");
}

TEST(GnuplotText, IsValidUtf8WhateverWasWritten) {
  EXPECT_EQ(plain("x³ + 元 𝔽"), "x³ + 元 𝔽");
  EXPECT_EQ(plain("a\xFF"
                  "b"),
            "a�b");
  EXPECT_EQ(plain("\xC3"), "�");          // cut off
  EXPECT_EQ(plain("\xC0\xAF"), "��");     // overlong
  EXPECT_EQ(plain("\xED\xA0\x80"), "�");  // a surrogate
  EXPECT_EQ(plain("\xEF\xBF\xBF"), "�");  // no character in XML
}

TEST(GnuplotText, HasNothingThatEndsItsQuotes) {
  EXPECT_EQ(literal("it's"), "'it''s'");
  EXPECT_EQ(literal("'\n!rm -r x\n'"), R"("'".' !rm -r x ''')");
  EXPECT_EQ(literal_lines({"a'", "b"}), R"('a'''."\n".'b')");
}

TEST(GnuplotText, IsBrokenBetweenWordsAndCutOffWhereItIsTooLong) {
  EXPECT_THAT(wrapped("one two three", text_width("one two ", 10), 10, 5),
              ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("", 100, 10, 5), SizeIs(0));
  const std::string word(1000, 'x');
  const auto lines = wrapped(word, 100, 10, 3);
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_THAT(lines.back(), EndsWith("…"));
  for (const auto& line : lines) EXPECT_THAT(text_width(line, 10), Le(100));
  EXPECT_THAT(shortened(word, 50, 10), EndsWith("…"));
  EXPECT_EQ(shortened("short", 500, 10), "short");
}

}  // namespace
}  // namespace groklab
