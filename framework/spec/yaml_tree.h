#pragma once

#include "spec/problems.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace groklab {

inline constexpr std::size_t kMaxDepth = 32;  // levels of a document

// A key of a map, with what stands under it. A template, because a node holds entries that hold
// nodes.
template <class Node>
struct YamlEntry {
  std::string key;
  Mark mark;
  Node value;
};

// A YAML document as a tree, each node with its place. It is the only form in which YAML
// reaches the rest of the program: text stays text until a schema says what it should be.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  using Entry = YamlEntry<YamlNode>;

  Kind kind = Kind::null;
  Mark mark;
  std::string scalar{};
  bool quoted = false;
  std::vector<YamlNode> items{};  // of a sequence
  std::vector<Entry> entries{};   // of a map, in the order of the file
  bool foreign = false;           // inherited from a section that named another plugin

  const Entry* find(std::string_view key) const;  // nullptr: no such key
  Entry* find(std::string_view key);
  std::string kind_name() const;  // for errors: "a list", "text", …
};

// Text as YAML in double quotes, in one line.
std::string quoted_text(std::string_view text);

// A node as YAML in one line: 0.5, "0.5", [add, divide], {name: add}.
std::string flow_text(const YamlNode& node);

// Reads one document. Refused, each with its place: duplicate keys, anchors and aliases, tags,
// merge keys (<<), keys that are not text, a second document, more than 1 MiB, 32 levels or 100,000
// nodes. Throws Error on the first of these, because what follows it cannot be trusted.
YamlNode parse_yaml(std::string_view text, const std::string& file);

}  // namespace groklab
