#include "spec/yaml_tree.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;
using Kind = YamlNode::Kind;

YamlNode parse(const std::string& text) { return parse_yaml(text, "s.yaml"); }

auto refuses(const std::string& message) { return ThrowsMessage<Error>(message); }

const YamlNode& at(const YamlNode& map, const char* key) {
  const auto* entry = map.find(key);
  if (entry == nullptr) throw std::runtime_error(std::string("no key ") + key);
  return entry->value;
}

TEST(YamlTree, KeepsTextAsTextInTheOrderOfTheFile) {
  const auto root = parse("b: 010\na: [1e-3, yes, '']\nc: {d: x y}\n");
  ASSERT_EQ(root.kind, Kind::map);
  std::vector<std::string> keys;
  for (const auto& entry : root.entries) keys.push_back(entry.key);
  EXPECT_THAT(keys, ElementsAre("b", "a", "c"));
  EXPECT_EQ(at(root, "b").scalar, "010");
  ASSERT_EQ(at(root, "a").kind, Kind::sequence);
  ASSERT_EQ(at(root, "a").items.size(), 3U);
  EXPECT_EQ(at(root, "a").items[0].scalar, "1e-3");
  EXPECT_EQ(at(root, "a").items[1].scalar, "yes");
  EXPECT_EQ(at(root, "a").items[2].scalar, "");
  EXPECT_EQ(at(at(root, "c"), "d").scalar, "x y");
}

TEST(YamlTree, TellsQuotedTextFromPlain) {
  const auto root = parse("plain: 5\nsingle: '5'\ndouble: \"5\"\nblock: |\n  5\n");
  EXPECT_FALSE(at(root, "plain").quoted);
  EXPECT_TRUE(at(root, "single").quoted);
  EXPECT_TRUE(at(root, "double").quoted);
  EXPECT_TRUE(at(root, "block").quoted);
  EXPECT_EQ(at(root, "block").scalar, "5\n");
}

TEST(YamlTree, TellsNothingFromEmptyText) {
  const auto root = parse("a:\nb: ~\nc: null\nd: ''\ne: 'null'\nf: [~]\n");
  EXPECT_EQ(at(root, "a").kind, Kind::null);
  EXPECT_EQ(at(root, "b").kind, Kind::null);
  EXPECT_EQ(at(root, "c").kind, Kind::null);
  EXPECT_EQ(at(root, "d").kind, Kind::scalar);
  EXPECT_EQ(at(root, "e").kind, Kind::scalar);
  EXPECT_EQ(at(root, "f").items[0].kind, Kind::null);
}

TEST(YamlTree, NamesATabThatStandsForSpaces) {
  constexpr const char* kMessage =
      ": the line begins with a tab, and YAML indents by spaces alone; write spaces in its place";
  EXPECT_THAT([] { parse("a:\n\tb: 1\n"); }, refuses(std::string("s.yaml:2:1") + kMessage));
  EXPECT_THAT([] { parse("a: 1\n\tb: 2\n"); }, refuses(std::string("s.yaml:2:1") + kMessage));
  EXPECT_EQ(at(parse("a:\tb\tc\n"), "a").scalar, "b\tc");
}

TEST(YamlTree, IsOfUtf8Alone) {
  using namespace std::string_literals;
  const std::vector<std::pair<std::string, std::string>> wide{{"\xFF\xFE:\0:\0"s, "UTF-16"},
                                                              {"\xFE\xFF\0:\0:"s, "UTF-16"},
                                                              {"a\0:\0"s, "UTF-16"},
                                                              {"\0a\0:"s, "UTF-16"},
                                                              {"\xFF\xFE\0\0:\0\0\0"s, "UTF-32"},
                                                              {"\0\0\xFE\xFF\0\0\0:"s, "UTF-32"}};
  for (const auto& [text, encoding] : wide) {
    EXPECT_THAT([&text = text] { parse(text); },
                refuses("s.yaml:1:1: the text is " + encoding + "; save it as UTF-8"));
  }
  EXPECT_THAT([] { parse("a: 1\nb: caf\xE9\n"); },
              refuses("s.yaml:2:7: the byte 0xE9 is not UTF-8; save the text as UTF-8"));
  for (const auto& bytes : {"\xC0\x80"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s, "\xE2\x82"s}) {
    EXPECT_THAT([&] { parse("a: " + bytes); }, ThrowsMessage<Error>(HasSubstr("is not UTF-8")));
  }
  EXPECT_THAT([] { parse("a: b\0c\n"s); },
              ThrowsMessage<Error>(StartsWith("s.yaml:1:5: a control character (0x00)")));
  EXPECT_EQ(at(parse("\xEF\xBB\xBF" + "a: é … 𝔽\n"s), "a").scalar, "é … 𝔽");
}

TEST(YamlTree, NamesKindsForErrors) {
  const auto root = parse("a: 5\nb: '5'\nc: []\nd: {}\ne:\n");
  EXPECT_EQ(at(root, "a").kind_name(), "'5'");
  EXPECT_EQ(at(root, "b").kind_name(), "the text \"5\"");
  EXPECT_EQ(at(root, "c").kind_name(), "a list");
  EXPECT_EQ(at(root, "d").kind_name(), "a map of keys");
  EXPECT_EQ(at(root, "e").kind_name(), "nothing");
}

TEST(YamlTree, CountsLinesAndColumnsFromOne) {
  const auto root = parse("# a comment\na: 1\nmap:\n  key: {x: [7, 'q']}\n");
  EXPECT_EQ(root.find("a")->mark.text(), "s.yaml:2:1");
  EXPECT_EQ(at(root, "a").mark.text(), "s.yaml:2:4");
  const auto& map = at(root, "map");
  EXPECT_EQ(map.find("key")->mark.text(), "s.yaml:4:3");
  EXPECT_EQ(at(map, "key").mark.text(), "s.yaml:4:8");
  const auto& list = at(at(map, "key"), "x");
  EXPECT_EQ(list.mark.text(), "s.yaml:4:12");
  EXPECT_EQ(list.items[0].mark.text(), "s.yaml:4:13");
  EXPECT_EQ(list.items[1].mark.text(), "s.yaml:4:16");
}

TEST(YamlTree, AnEmptyFileIsNothing) {
  for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    EXPECT_EQ(parse(text).kind, Kind::null) << text;
  }
  EXPECT_EQ(parse("").mark.text(), "s.yaml:1:1");
}

TEST(YamlTree, RefusesDuplicateKeysNamingBothLines) {
  EXPECT_THAT([] { parse("seed: 1\nsteps: 2\nseed: 3\n"); },
              refuses("s.yaml:3:1: key 'seed' stands here a second time; the first is in line 1"));
  EXPECT_THAT([] { parse("a: {x: 1, 'x': 2}\n"); },
              refuses("s.yaml:1:11: key 'x' stands here a second time; the first is in line 1"));
  EXPECT_NO_THROW(parse("a: {x: 1}\nb: {x: 2}\n"));
}

TEST(YamlTree, RefusesAnchorsAndAliases) {
  constexpr const char* kAnchor =
      "anchors are not supported; use extends: to share settings between files";
  EXPECT_THAT([] { parse("a: &x 1\nb: *x\n"); }, refuses(std::string("s.yaml:1:4: ") + kAnchor));
  EXPECT_THAT([] { parse("a:\n  &x {b: 1}\n"); }, refuses(std::string("s.yaml:2:3: ") + kAnchor));
  EXPECT_THAT([] { parse("a: &x [1]\n"); }, refuses(std::string("s.yaml:1:4: ") + kAnchor));
  EXPECT_THAT([] { parse("a: &x\n"); }, ThrowsMessage<Error>(HasSubstr(kAnchor)));
  EXPECT_THAT([] { parse("a: *x\n"); }, ThrowsMessage<Error>(StartsWith("s.yaml:1:4: ")));
}

TEST(YamlTree, RefusesTags) {
  EXPECT_THAT([] { parse("a: !!str 1\n"); },
              refuses("s.yaml:1:4: tags are not supported: tag:yaml.org,2002:str"));
  EXPECT_THAT([] { parse("a: !run {b: 1}\n"); },
              refuses("s.yaml:1:4: tags are not supported: !run"));
  EXPECT_THAT([] { parse("a: !run [1]\n"); }, refuses("s.yaml:1:4: tags are not supported: !run"));
}

TEST(YamlTree, RefusesMergeKeys) {
  EXPECT_THAT([] { parse("a:\n  <<: {b: 1}\n"); },
              refuses("s.yaml:2:3: merge keys (<<) are not supported; use extends:"));
}

TEST(YamlTree, RefusesKeysThatAreNotText) {
  EXPECT_THAT([] { parse("? [a]\n: 1\n"); }, refuses("s.yaml:1:3: a key must be text"));
  EXPECT_THAT([] { parse("? {a: 1}\n: 1\n"); }, refuses("s.yaml:1:3: a key must be text"));
  EXPECT_THAT([] { parse("~: 1\n"); }, refuses("s.yaml:1:1: a key must be text"));
}

TEST(YamlTree, RefusesASecondDocument) {
  EXPECT_THAT([] { parse("a: 1\n---\nb: 2\n"); },
              ThrowsMessage<Error>(AllOf(StartsWith("s.yaml:"),
                                         EndsWith(": a second document; a spec is one document"))));
  EXPECT_NO_THROW(parse("---\na: 1\n...\n"));
}

TEST(YamlTree, SaysWhereTheSyntaxIsWrong) {
  EXPECT_THAT([] { parse("a: 1\nb: [1, 2\n"); }, ThrowsMessage<Error>(StartsWith("s.yaml:3:1: ")));
  EXPECT_THAT([] { parse("a: [1, 2"); }, ThrowsMessage<Error>(StartsWith("s.yaml:2:1: ")));
  EXPECT_THAT([] { parse("a: 1\n b: 2\n"); }, ThrowsMessage<Error>(StartsWith("s.yaml:2:")));
  EXPECT_THAT([] { parse("a: b: c\n"); }, ThrowsMessage<Error>(StartsWith("s.yaml:1:")));
  EXPECT_THAT([] { parse("a: 1\n\tb: 2\n"); }, ThrowsMessage<Error>(StartsWith("s.yaml:")));
}

TEST(YamlTree, RefusesAQuoteThatIsNotClosed) {
  for (const auto* text : {"a: 'x\n", "a: 'x", "a: \"x\nb: 2\n", "a: \"x"}) {
    EXPECT_THAT([&] { parse(text); }, ThrowsMessage<Error>(StartsWith("s.yaml:"))) << text;
  }
}

TEST(YamlTree, ReadsAFileWhoseLastLineHasNoEnd) {
  EXPECT_EQ(at(parse("a: x"), "a").scalar, "x");
  EXPECT_EQ(at(parse("a: x # comment"), "a").scalar, "x");
  EXPECT_EQ(at(parse("a: |+\n  x\n\n"), "a").scalar, "x\n\n");
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(YamlTree, RefusesToNestDeeperThan32Levels) {
  EXPECT_NO_THROW(parse(nested(32)));
  EXPECT_THAT([] { parse(nested(33)); }, refuses("s.yaml:1:33: nested deeper than 32 levels"));
  EXPECT_THROW(parse(nested(100'000)), Error);
  EXPECT_THROW(parse(std::string(100'000, '[')), Error);
}

TEST(YamlTree, RefusesMoreThan100000Nodes) {
  const auto list = [](int items) {
    std::string text = "[";
    for (int i = 0; i < items; ++i) text += "1,";
    return text + "]";
  };
  EXPECT_EQ(parse(list(99'999)).items.size(), 99'999U);  // and the list itself
  EXPECT_THAT([&] { parse(list(100'000)); },
              ThrowsMessage<Error>(EndsWith(": more than 100000 nodes")));
}

TEST(YamlTree, RefusesMoreThanOneMebibyte) {
  const std::string comment(1 << 20, '#');
  EXPECT_EQ(parse(comment).kind, Kind::null);
  EXPECT_THAT([&] { parse(comment + "#"); }, refuses("s.yaml: larger than 1048576 bytes"));
}

TEST(YamlTree, RefusesBytesThatAreNoYamlWithoutCrashing) {
  for (const auto* text : {"\x01\x02", "\xff\xfe\xfd", "{", "]", "- - -\n-", "%YAML 9.9\n---\na: 1",
                           "a: |\n\tb", "\"\\q\"", "? ? ?", "&", "*", "!", "a: >-9\n x"}) {
    try {
      parse(text);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), StartsWith("s.yaml:")) << text;
    }
  }
}

}  // namespace
}  // namespace groklab
