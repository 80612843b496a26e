#include "app/figure_arguments.h"

#include "app/report_facts.h"
#include "sweep/settings.h"

#include <fmt/format.h>

#include <memory>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

// Words between spaces; "double quotes" keep spaces in one.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  bool is_quoted = false;
  for (const char letter : text) {
    if (letter == '"') {
      is_quoted = !is_quoted;
    } else if (letter == ' ' && !is_quoted) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += letter;
    }
  }
  if (is_quoted) throw Error(fmt::format("--figure {}: a \" is not closed", text));
  if (words.size() > 1 && words.back().empty()) words.pop_back();
  return words;
}

YamlNode scalar(const Mark& mark, const std::string& text) {
  return {.kind = Kind::scalar, .mark = mark, .scalar = text};
}

// {kind: KIND, key: value, …}
YamlNode figure_node(const Mark& mark, const std::string& argument, Problems& problems) {
  const auto words = words_of(argument);
  YamlNode node{.kind = Kind::map, .mark = mark};
  node.entries.push_back({"kind", mark, scalar(mark, words.front())});
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto sign = words[i].find('=');
    const auto key = words[i].substr(0, sign);
    if (sign == std::string::npos || node.find(key) != nullptr) {
      problems.add(mark, words.front(),
                   fmt::format("'{}' is no option; write key=value, each key once", words[i]));
      continue;
    }
    node.entries.push_back({key, mark, scalar(mark, words[i].substr(sign + 1))});
  }
  return node;
}

}  // namespace

std::vector<Request> requested_figures(const std::vector<std::string>& arguments) {
  const Mark here{std::make_shared<const std::string>("command line"), 0, 0};
  Problems problems;
  YamlNode list{.kind = Kind::sequence, .mark = here};
  for (const auto& argument : arguments) {
    list.items.push_back(figure_node(here, argument, problems));
  }
  YamlNode root{.kind = Kind::map, .mark = here};
  root.entries.push_back({"figures", here, std::move(list)});
  const auto figures = read_figures(root, figure_facts(), problems);
  problems.throw_if_any();
  return requests_of(figures);
}

}  // namespace groklab
