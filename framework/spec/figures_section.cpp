#include "spec/figures_section.h"

#include "base/text.h"
#include "spec/reader.h"
#include "spec/section_filler.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <utility>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

class FiguresReader {
 public:
  FiguresReader(const std::vector<FigureFacts>& kinds, Problems& problems)
      : kinds_(kinds), problems_(problems), filler_(problems) {}

  std::vector<Section> read(const YamlNode& list) {
    std::vector<Section> figures;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      figures.push_back(figure(list.items[i], fmt::format("figures.{}", i)));
      require_new_name(figures, list.items[i], i);
    }
    return figures;
  }

 private:
  Section figure(const YamlNode& item, const std::string& path) {
    Section section;
    section.mark = item.mark;
    const auto* kind = kind_of(item, path);
    if (kind == nullptr) return section;
    section.plugin = kind->kind;
    section.origin = item.mark.short_text();
    filler_.fill(section, options_of(item), kind->schema, path);
    static const std::regex plain(kExperimentName);
    if (const auto name = name_of(section); !std::regex_match(name, plain)) {
      problems_.add(item.mark, path + ".name",
                    fmt::format("'{}' is to name files: use letters, digits, _ and -", name));
    }
    return section;
  }

  const FigureFacts* kind_of(const YamlNode& item, const std::string& path) {
    const auto* entry = item.find("kind");
    const auto* name = item.kind == Kind::scalar ? &item : entry ? &entry->value : nullptr;
    if (name == nullptr || name->kind != Kind::scalar) {
      problems_.add(name == nullptr ? item.mark : name->mark, path,
                    "expected a figure, such as {kind: curve}");
      return nullptr;
    }
    const auto found = std::find_if(kinds_.begin(), kinds_.end(),
                                    [&](const auto& kind) { return kind.kind == name->scalar; });
    if (found != kinds_.end()) return &*found;
    std::vector<std::string> names;
    for (const auto& kind : kinds_) names.push_back(kind.kind);
    problems_.add(name->mark, path + ".kind",
                  fmt::format("there is no kind of figure '{}'{}", name->scalar,
                              suggestion(name->scalar, names)));
    return nullptr;
  }

  static YamlNode options_of(const YamlNode& item) {
    YamlNode options{.kind = Kind::map, .mark = item.mark};
    for (const auto& entry : item.entries) {
      if (entry.key != "kind") options.entries.push_back(entry);
    }
    return options;
  }

  // Figures of one kind are told apart by their names, which are those of their files.
  void require_new_name(const std::vector<Section>& figures, const YamlNode& item, std::size_t i) {
    const auto name = name_of(figures[i]);
    for (std::size_t before = 0; !name.empty() && before < i; ++before) {
      if (name_of(figures[before]) != name) continue;
      problems_.add(
          item.mark, fmt::format("figures.{}", i),
          fmt::format("two figures would be called '{}'; give one another name: …", name));
    }
  }

  static std::string name_of(const Section& figure) {
    for (const auto& setting : figure.settings) {
      if (setting.key != "name") continue;
      const auto& name = std::get<std::string>(setting.value);
      if (!name.empty()) return name;
    }
    return figure.plugin;
  }

  const std::vector<FigureFacts>& kinds_;
  Problems& problems_;
  SectionFiller filler_;
};

}  // namespace

std::vector<Section> read_figures(const YamlNode& root, const std::vector<FigureFacts>& kinds,
                                  Problems& problems) {
  const auto* entry = root.find("figures");
  if (entry == nullptr || entry->value.kind == Kind::null) return {};
  if (entry->value.kind != Kind::sequence) {
    problems.add(entry->value.mark, "figures",
                 "expected a list of figures, found " + entry->value.kind_name());
    return {};
  }
  return FiguresReader(kinds, problems).read(entry->value);
}

std::string to_yaml(const std::vector<Section>& figures) {
  std::string text = figures.empty() ? "" : "figures:\n";
  for (const auto& figure : figures) {
    text += yaml_line("  - ", {"kind", figure.plugin, figure.origin, figure.mark});
    for (const auto& setting : figure.settings) text += yaml_line("    ", setting);
  }
  return text;
}

}  // namespace groklab
