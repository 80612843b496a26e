#include "base/text.h"

#include <gmock/gmock.h>

#include <ctime>
#include <stdexcept>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("adamw", "adamw"), 0U);
  EXPECT_EQ(edit_distance("adam", "adamw"), 1U);
  EXPECT_EQ(edit_distance("adamw", "damw"), 1U);
  EXPECT_EQ(edit_distance("sgd", "sgf"), 1U);
  EXPECT_EQ(edit_distance("dvide", "divide"), 1U);
  EXPECT_EQ(edit_distance("dvid", "divide"), 2U);
  EXPECT_EQ(edit_distance("dviide", "divide"), 1U);  // one swap
  EXPECT_EQ(edit_distance("idvide", "divide"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
}

TEST(Nearest, PutsTheMostAlikeFirstAndLeavesStrangersOut) {
  EXPECT_THAT(nearest("adamv", {"sgd", "adamw", "adam"}), ElementsAre("adam", "adamw"));
  EXPECT_THAT(nearest("banana", {"sgd", "adamw"}), IsEmpty());
  EXPECT_THAT(nearest("adamw", {}), IsEmpty());
}

TEST(Nearest, FindsANameByAPartOfIt) {
  EXPECT_THAT(nearest("decay", {"weight_decay", "delay", "momentum"}),
              ElementsAre("delay", "weight_decay"));
  EXPECT_THAT(nearest("lr", {"learning_rate", "polar"}), IsEmpty());  // too short to be a part
}

TEST(Nearest, GivesAtMostThreeEachOnce) {
  EXPECT_THAT(
      nearest("momentun", {"momentous", "momentum", "moment", "momenta", "momentum", "momentus"}),
      ElementsAre("momentum", "momentus", "moment"));
}

// A spec may have a key of a megabyte, and a table of all distances takes some seconds for each name.
TEST(Nearest, ComparesNoWordWithNamesThatAreFarShorter) {
  const std::string word(10'000'000, 'a');
  const auto start = std::clock();
  EXPECT_THAT(nearest(word, {"adamw", "weight_decay", word + "b"}), ElementsAre(word + "b"));
  EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC);
}

TEST(Suggestion, OffersWhatIsNear) {
  EXPECT_EQ(suggestion("adamv", {"sgd", "adamw"}), "; did you mean 'adamw'?");
  EXPECT_EQ(suggestion("adamv", {"adam", "adamw"}), "; did you mean 'adam' or 'adamw'?");
}

TEST(Suggestion, NamesAllThatAreKnownWhereNothingIsNear) {
  EXPECT_EQ(suggestion("banana", {"sgd", "adamw"}), "; known: sgd, adamw");
  EXPECT_EQ(suggestion("banana", {}), "");
}

TEST(MessageOf, LeavesOutTheStackTraceOfLibTorch) {
  EXPECT_EQ(message_of(std::runtime_error("size mismatch\nException raised from add at a.cpp:1\n"
                                          "frame #0: …")),
            "size mismatch");
  EXPECT_EQ(message_of(std::runtime_error("two\nlines")), "two\nlines");
}

TEST(EscapeMarkup, LeavesNoTagsAndNoEntities) {
  EXPECT_EQ(escape_markup("<b>x & y</b> &amp; \"z\""),
            "&lt;b&gt;x &amp; y&lt;/b&gt; &amp;amp; \"z\"");
}

TEST(Filled, PutsValuesInThePlacesOfTheirKeys) {
  EXPECT_EQ(filled("class @Class@ { @name@ };", {{"Class", "Sum"}, {"name", "sum"}}),
            "class Sum { sum };");
  EXPECT_EQ(filled("a@b.example, @no@@name@ @", {{"name", "sum"}}), "a@b.example, @no@sum @");
}

TEST(Filled, LooksForNoKeysInValues) {
  EXPECT_EQ(filled("@a@ @b@", {{"a", "@b@"}, {"b", "@a@"}}), "@b@ @a@");
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(CsvField, IsQuotedWhereItHasToBe) {
  EXPECT_EQ(csv_field("a b"), "a b");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"a\""), "\"say \"\"a\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field(""), "\"\"");
}

TEST(Split, LeavesOutSpacesAroundPartsAndEmptyParts) {
  EXPECT_EQ(split("a,b c, d ", ','), (std::vector<std::string>{"a", "b c", "d"}));
  EXPECT_EQ(split("a", ','), std::vector<std::string>{"a"});
  for (const auto* text : {"", ",", " , ,"}) EXPECT_TRUE(split(text, ',').empty()) << text;
}

}  // namespace
}  // namespace groklab
