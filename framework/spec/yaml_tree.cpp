#include "spec/yaml_tree.h"

#include "spec/encoding.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace groklab {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr std::size_t kMaxNodes = 100'000;

[[noreturn]] void refuse(const Mark& mark, const std::string& message) {
  throw Error(fmt::format("{}: {}", mark.text(), message));
}

// Builds the tree from yaml-cpp's events. Events show what its own nodes hide: quotes, duplicate
// keys and aliases.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}

  Mark mark(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& at) override { root_.mark = mark(at); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
    add(make(at, YamlNode::Kind::null, "", anchor));
  }

  void OnAlias(const YAML::Mark& at, YAML::anchor_t) override {
    refuse(mark(at), "aliases are not supported; use extends: to share settings between files");
  }

  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool quoted = tag == "!";
    auto node = make(at, YamlNode::Kind::scalar, quoted ? "" : tag, anchor);
    node.scalar = value;
    node.quoted = quoted;
    if (!quoted && (value == "~" || value == "null")) node.kind = YamlNode::Kind::null;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(at, YamlNode::Kind::sequence, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(at, YamlNode::Kind::map, tag, anchor));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YamlNode node;
    std::optional<YamlNode::Entry> pending{};      // a key whose value has not come yet
    std::unordered_map<std::string, int> lines{};  // of the keys of a map
  };

  YamlNode make(const YAML::Mark& at, YamlNode::Kind kind, const std::string& tag,
                YAML::anchor_t anchor) {
    YamlNode node;
    node.kind = kind;
    node.mark = mark(at);
    if (anchor != YAML::NullAnchor) {
      refuse(node.mark, "anchors are not supported; use extends: to share settings between files");
    }
    if (!tag.empty() && tag != "?") refuse(node.mark, "tags are not supported: " + tag);
    if (++nodes_ > kMaxNodes) refuse(node.mark, fmt::format("more than {} nodes", kMaxNodes));
    return node;
  }

  void open(YamlNode node) {
    const bool key_expected = !levels_.empty() && levels_.back().node.kind == YamlNode::Kind::map &&
                              !levels_.back().pending;
    if (key_expected) refuse(node.mark, "a key must be text");
    if (levels_.size() >= kMaxDepth) {
      refuse(node.mark, fmt::format("nested deeper than {} levels", kMaxDepth));
    }
    levels_.push_back({std::move(node)});
  }

  void close() {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::sequence) {
      level.node.items.push_back(std::move(node));
    } else if (level.pending) {
      level.pending->value = std::move(node);
      level.node.entries.push_back(std::move(*level.pending));
      level.pending.reset();
    } else {
      start_entry(level, node);
    }
  }

  void start_entry(Level& level, const YamlNode& key) {
    if (key.kind != YamlNode::Kind::scalar) refuse(key.mark, "a key must be text");
    if (key.scalar == "<<" && !key.quoted) {
      refuse(key.mark, "merge keys (<<) are not supported; use extends:");
    }
    const auto [first, is_new] = level.lines.try_emplace(key.scalar, key.mark.line);
    if (!is_new) {
      refuse(key.mark, fmt::format("key '{}' stands here a second time; the first is in line {}",
                                   key.scalar, first->second));
    }
    level.pending = YamlNode::Entry{key.scalar, key.mark, {}};
  }

  std::shared_ptr<const std::string> file_;
  YamlNode root_;
  std::vector<Level> levels_;
  std::size_t nodes_ = 0;
};

}  // namespace

const YamlNode::Entry* YamlNode::find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

YamlNode::Entry* YamlNode::find(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));
}

std::string YamlNode::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return quoted ? fmt::format("the text \"{}\"", scalar) : fmt::format("'{}'", scalar);
    case Kind::sequence:
      return "a list";
    case Kind::map:
      return "a map of keys";
  }
  throw std::logic_error("unknown kind of node");
}

std::string quoted_text(std::string_view text) {
  std::string result = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '\n') {
      result += "\\n";
    } else if (code < 0x20 || code == 0x7F) {
      result += fmt::format("\\x{:02x}", code);
    } else {
      if (letter == '"' || letter == '\\') result += '\\';
      result += letter;
    }
  }
  return result + '"';
}

std::string flow_text(const YamlNode& node) {
  std::string text;
  const auto separator = [&] { return text.empty() ? "" : ", "; };
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "~";
    case YamlNode::Kind::scalar:
      return node.quoted ? quoted_text(node.scalar) : node.scalar;
    case YamlNode::Kind::sequence:
      for (const auto& item : node.items) text += separator() + flow_text(item);
      return fmt::format("[{}]", text);
    case YamlNode::Kind::map:
      for (const auto& [key, mark, value] : node.entries) {
        text += fmt::format("{}{}: {}", separator(), key, flow_text(value));
      }
      return fmt::format("{{{}}}", text);
  }
  throw std::logic_error("unknown kind of node");
}

YamlNode parse_yaml(std::string_view text, const std::string& file) {
  const auto name = std::make_shared<const std::string>(file);
  if (text.size() > kMaxBytes) {
    throw Error(fmt::format("{}: larger than {} bytes", file, kMaxBytes));
  }
  require_readable(text, name);
  TreeBuilder builder(name);
  try {
    // The end is marked because yaml-cpp takes a quote that is open there for closed.
    const bool at_line_start = text.empty() || text.ends_with('\n');
    std::istringstream stream{std::string(text) + (at_line_start ? "...\n" : "\n...\n")};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return YamlNode{.mark = {name, 1, 1}};
    TreeBuilder second(name);
    if (parser.HandleNextDocument(second)) {
      refuse(second.take_root().mark, "a second document; a spec is one document");
    }
  } catch (const YAML::Exception& error) {
    if (const auto tab = first_tab(text, error.mark.line)) refuse({name, *tab, 1}, kTabs);
    refuse(builder.mark(error.mark), error.msg);
  }
  return builder.take_root();
}

}  // namespace groklab
