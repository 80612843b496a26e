#include "spec/section_filler.h"

#include "base/files.h"
#include "base/paths.h"
#include "base/text.h"
#include "spec/named_path.h"
#include "spec/typed_value.h"

#include <fmt/format.h>

namespace groklab {
namespace {

std::string suggestion_if_near(const std::string& word, const std::vector<std::string>& choices) {
  return nearest(word, choices).empty() ? "" : suggestion(word, choices);
}

}  // namespace

void SectionFiller::fill(Section& section, const YamlNode& node, const Schema& schema,
                         const std::string& path, Unknown unknown) {
  const auto prefix = path.empty() ? "" : path + ".";
  for (const auto& field : schema.fields()) {
    const auto* entry = node.find(field.name);
    if (entry != nullptr) {
      add_value(section, field, entry->value, prefix + field.name);
      if (entry->value.foreign) note_kept(section, *entry, prefix);
    } else if (field.required) {
      problems_.add(node.mark, prefix + field.name, "missing: " + field.help);
    } else {
      section.settings.push_back({field.name, field.default_value, "default", section.mark});
    }
  }
  if (unknown == Unknown::rejected) reject_unknown_settings(section, node, schema, prefix);
}

void SectionFiller::keep(Section& section, const YamlNode& node) {
  for (const auto& [key, mark, value] : node.entries) {
    if (key == "name") continue;
    section.settings.push_back({key, flow_text(value), value.mark.short_text(), value.mark});
  }
}

void SectionFiller::note_kept(const Section& section, const YamlNode::Entry& entry,
                              const std::string& prefix) {
  if (entry.key == "name") return;
  notes_.push_back(fmt::format("{}{}: {} ({}) was set for another plugin and is kept for {}",
                               prefix, entry.key, entry.value.scalar, entry.mark.short_text(),
                               section.plugin));
}

void SectionFiller::reject_unknown_settings(const Section& section, const YamlNode& node,
                                            const Schema& schema, const std::string& prefix) {
  std::vector<std::string> known;
  for (const auto& field : schema.fields()) known.push_back(field.name);
  for (const auto& entry : node.entries) {
    if (schema.find(entry.key) != nullptr) continue;
    if (entry.key == "name" && !section.plugin.empty()) continue;
    if (entry.value.foreign) {
      notes_.push_back(
          fmt::format("{}{} ({}) was set for another plugin; {} has no such "
                      "parameter, so it is left out",
                      prefix, entry.key, entry.mark.short_text(), section.plugin));
    } else {
      const auto owner = section.plugin.empty() ? "" : " of " + section.plugin;
      problems_.add(
          entry.mark, prefix + entry.key,
          "unknown parameter" + owner + (problems_.are_many() ? "" : suggestion(entry.key, known)));
    }
  }
}

void SectionFiller::add_value(Section& section, const Field& field, const YamlNode& node,
                              const std::string& path) {
  const auto value = typed_value(field, node);
  if (!value) {
    const auto near = field.choices.empty() || !node.items.empty() || !node.entries.empty()
                          ? ""
                          : suggestion_if_near(node.scalar, field.choices);
    problems_.add(
        node.mark, path,
        fmt::format("expected {}, found {}{}", expected_text(field), node.kind_name(), near));
    return;
  }
  section.settings.push_back({field.name, *value, node.mark.short_text(), node.mark});
  if (field.type == Field::Type::path) resolve_file(section.settings.back(), node, path);
}

void SectionFiller::resolve_file(Setting& setting, const YamlNode& node, const std::string& path) {
  const auto file = named_path(node);
  try {
    if (!is_plain_file(file)) {
      const bool in_spec = node.mark.line > 0;
      throw Error(fmt::format("there is no file {}{}", file.lexically_normal().string(),
                              in_spec ? " (paths are relative to the spec)" : ""));
    }
    setting.value = absolute_path(file);
    setting.content_hash = sha256(read_file(file));
  } catch (const Error& error) {
    problems_.add(node.mark, path, error.what());
  }
}

}  // namespace groklab
