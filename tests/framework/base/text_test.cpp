#include "base/text.h"

#include <gmock/gmock.h>

#include <ctime>
#include <initializer_list>
#include <new>
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
  EXPECT_THAT(nearest("la", {"learning_rate", "polar"}), IsEmpty());  // too short to be a part
}

TEST(Nearest, KnowsWhatOtherProgramsCallThings) {
  EXPECT_THAT(nearest("lr", {"beta1", "learning_rate", "l1"}), ElementsAre("learning_rate"));
  EXPECT_THAT(nearest("plus", {"x2_plus_y2", "add"}), ElementsAre("add"));
  EXPECT_THAT(nearest("plus", {"x2_plus_y2", "divide"}), ElementsAre("x2_plus_y2"));
}

TEST(Nearest, GivesAtMostThreeEachOnce) {
  EXPECT_THAT(
      nearest("momentun", {"momentous", "momentum", "moment", "momenta", "momentum", "momentus"}),
      ElementsAre("momentum", "momentus", "moment"));
}

// A spec may have a key of a megabyte, and a table of all distances takes some seconds for each
// name.
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

TEST(MessageOf, SaysThatMemoryRanOut) {
  const std::runtime_error libtorch(
      "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: "
      "you tried to allocate 17179869184 bytes. Error code 12 (Cannot allocate memory)\n"
      "Exception raised from alloc_cpu at a.cpp:1");
  EXPECT_TRUE(is_out_of_memory(libtorch));
  EXPECT_EQ(message_of(libtorch),
            "memory ran out (17179869184 bytes more were wanted); a smaller model, table or batch "
            "needs less, and in a sweep a smaller --pack or fewer --jobs");
  const std::runtime_error device("CUDA out of memory. Tried to allocate 2.00 GiB.");
  const std::bad_alloc standard;
  for (const std::exception* error :
       std::initializer_list<const std::exception*>{&device, &standard}) {
    EXPECT_TRUE(is_out_of_memory(*error));
    EXPECT_EQ(message_of(*error).find("memory ran out; a smaller model"), 0U);
  }
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("size mismatch")));
}

TEST(Printable, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(printable("a\x1b[2J|\r|\x7f|\n\t \xc2\x9b|31m é"),
            "a\\x1b[2J|\\x0d|\\x7f|\n\t \\xc2\\x9b|31m é");
  EXPECT_EQ(message_of(std::runtime_error("\x1b]0;title\x07")), "\\x1b]0;title\\x07");
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

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("longer", 5), "longe…");
  EXPECT_EQ(shortened("aé€b", 5), "aé…");  // € has bytes 4 to 6
  EXPECT_EQ(shortened("\x80\x80", 1), "…");
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

TEST(CsvField, IsNoFormulaOfASpreadsheet) {
  EXPECT_EQ(csv_field("=1+1"), "'=1+1");
  EXPECT_EQ(csv_field("+x"), "'+x");
  EXPECT_EQ(csv_field("-x"), "'-x");
  EXPECT_EQ(csv_field("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_field("\t=1"), "'\t=1");
  EXPECT_EQ(csv_field("=HYPERLINK(\"http://x\",1)"), "\"'=HYPERLINK(\"\"http://x\"\",1)\"");
  for (const std::string number : {"-1", "+2.5", "-1e-3", "-0.5"}) {
    EXPECT_EQ(csv_field(number), number);
  }
  EXPECT_EQ(csv_field("a=1"), "a=1");
}

TEST(Split, LeavesOutSpacesAroundPartsAndEmptyParts) {
  EXPECT_EQ(split("a,b c, d ", ','), (std::vector<std::string>{"a", "b c", "d"}));
  EXPECT_EQ(split("a", ','), std::vector<std::string>{"a"});
  for (const auto* text : {"", ",", " , ,"}) EXPECT_TRUE(split(text, ',').empty()) << text;
}

}  // namespace
}  // namespace groklab
