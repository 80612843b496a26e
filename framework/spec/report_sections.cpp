#include "spec/report_sections.h"

#include "base/text.h"
#include "spec/reader.h"
#include "spec/scalars.h"
#include "spec/section_filler.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

// How a list is written, and what its parts are called.
struct ListSyntax {
  const char *section, *key;  // of the list; of an entry's kind
  const char *entries, *what, *kind, *example;
};

constexpr ListSyntax kFigures{"figures",  "kind",           "figures",
                              "a figure", "kind of figure", "{kind: curve}"};
constexpr ListSyntax kExpectations{"expect",
                                   "statistic",
                                   "expectations",
                                   "an expectation",
                                   "statistic",
                                   "{statistic: best_val_accuracy, at_least: "
                                   "0.99}"};

class ListReader {
 public:
  ListReader(const ListSyntax& syntax, const std::vector<EntryKind>& kinds, Problems& problems)
      : syntax_(syntax), kinds_(kinds), problems_(problems), filler_(problems) {}

  std::vector<Section> read(const YamlNode& root) {
    const auto* list = root.find(syntax_.section);
    if (list == nullptr || list->value.kind == Kind::null) return {};
    if (list->value.kind != Kind::sequence) {
      problems_.add(
          list->value.mark, syntax_.section,
          fmt::format("expected a list of {}, found {}", syntax_.entries, list->value.kind_name()));
      return {};
    }
    std::vector<Section> sections;
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
      sections.push_back(entry(list->value.items[i], fmt::format("{}.{}", syntax_.section, i)));
    }
    return sections;
  }

 private:
  Section entry(const YamlNode& item, const std::string& path) {
    Section section;
    section.mark = item.mark;
    const auto* kind = kind_of(item, path);
    if (kind == nullptr) return section;
    section.plugin = kind->name;
    section.origin = item.mark.short_text();
    filler_.fill(section, options_of(item), kind->schema, path);
    // Only of plugins is it a part of every section.
    if (const auto* name = item.find("name"); name && kind->schema.find("name") == nullptr) {
      problems_.add(name->mark, path + ".name", "unknown parameter of " + kind->name);
    }
    return section;
  }

  const EntryKind* kind_of(const YamlNode& item, const std::string& path) {
    const auto* entry = item.find(syntax_.key);
    const auto* name = item.kind == Kind::scalar ? &item : entry ? &entry->value : nullptr;
    if (name == nullptr || name->kind != Kind::scalar) {
      problems_.add(name == nullptr ? item.mark : name->mark, path,
                    fmt::format("expected {}, such as {}", syntax_.what, syntax_.example));
      return nullptr;
    }
    const auto found = std::find_if(kinds_.begin(), kinds_.end(),
                                    [&](const auto& kind) { return kind.name == name->scalar; });
    if (found != kinds_.end()) return &*found;
    std::vector<std::string> names;
    for (const auto& kind : kinds_) names.push_back(kind.name);
    problems_.add(name->mark, fmt::format("{}.{}", path, syntax_.key),
                  fmt::format("there is no {} '{}'{}", syntax_.kind, name->scalar,
                              suggestion(name->scalar, names)));
    return nullptr;
  }

  YamlNode options_of(const YamlNode& item) const {
    YamlNode options{.kind = Kind::map, .mark = item.mark};
    for (const auto& entry : item.entries) {
      if (entry.key != syntax_.key) options.entries.push_back(entry);
    }
    return options;
  }

  const ListSyntax& syntax_;
  const std::vector<EntryKind>& kinds_;
  Problems& problems_;
  SectionFiller filler_;
};

std::string text_of(const Section& section, const std::string& key) {
  const auto* setting = section.find(key);
  return setting == nullptr ? "" : std::get<std::string>(setting->value);
}

std::string name_of(const Section& figure) {
  const auto name = text_of(figure, "name");
  return name.empty() ? figure.plugin : name;
}

// Figures of one kind are told apart by their names, which are those of their files.
void require_names(const std::vector<Section>& figures, Problems& problems) {
  std::unordered_set<std::string> taken;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const auto name = name_of(figures[i]);
    if (name.empty()) continue;
    const auto path = fmt::format("figures.{}", i);
    if (!is_experiment_name(name)) {
      problems.add(figures[i].mark, path + ".name",
                   fmt::format("'{}' is to name files: use letters, digits, _ and -", name));
    }
    if (!taken.insert(name).second) {
      problems.add(figures[i].mark, path,
                   fmt::format("two figures would be called '{}'; give one another name: …", name));
    }
  }
}

// The bound that an option gives, where it gives one.
std::optional<double> bound_of(const Section& section, const std::string& path,
                               const std::string& key, Problems& problems) {
  const auto text = text_of(section, key);
  const auto number = text.starts_with('+') ? std::nullopt : parse_real(text);
  if (!text.empty() && !number) {
    problems.add(section.at(key).mark, path + "." + key,
                 fmt::format("expected a number, found '{}'", text));
  }
  return number;
}

void require_bounds(const std::vector<Section>& expectations, Problems& problems) {
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const auto& section = expectations[i];
    if (section.plugin.empty()) continue;
    const auto path = fmt::format("expect.{}", i);
    const auto least = bound_of(section, path, "at_least", problems);
    const auto most = bound_of(section, path, "at_most", problems);
    if (text_of(section, "at_least").empty() && text_of(section, "at_most").empty()) {
      problems.add(section.mark, path, "missing: a bound, by at_least, at_most or both");
    } else if (least && most && *least > *most) {
      problems.add(section.mark, path,
                   fmt::format("nothing is at least {} and at most {}", *least, *most));
    }
  }
}

std::string to_yaml(const ListSyntax& syntax, const std::vector<Section>& sections) {
  std::string text = sections.empty() ? "" : fmt::format("{}:\n", syntax.section);
  for (const auto& section : sections) {
    text += yaml_line("  - ", {syntax.key, section.plugin, section.origin, section.mark});
    for (const auto& setting : section.settings) text += yaml_line("    ", setting);
  }
  return text;
}

}  // namespace

std::vector<Section> read_figures(const YamlNode& root, const std::vector<EntryKind>& kinds,
                                  Problems& problems) {
  auto figures = ListReader(kFigures, kinds, problems).read(root);
  require_names(figures, problems);
  return figures;
}

std::vector<Section> read_expectations(const YamlNode& root, const std::vector<EntryKind>& kinds,
                                       Problems& problems) {
  auto expectations = ListReader(kExpectations, kinds, problems).read(root);
  require_bounds(expectations, problems);
  return expectations;
}

std::string figures_to_yaml(const std::vector<Section>& figures) {
  return to_yaml(kFigures, figures);
}

std::string expectations_to_yaml(const std::vector<Section>& expectations) {
  return to_yaml(kExpectations, expectations);
}

}  // namespace groklab
