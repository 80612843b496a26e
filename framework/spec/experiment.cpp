#include "spec/experiment.h"

#include "base/files.h"
#include "base/text.h"
#include "spec/yaml_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace groklab {
namespace {

struct NamedSection {
  const char* name;
  Section Experiment::*section;
};

constexpr std::array kSections{
    NamedSection{"operation", &Experiment::operation},
    NamedSection{"data", &Experiment::data},
    NamedSection{"model", &Experiment::model},
    NamedSection{"loss", &Experiment::loss},
    NamedSection{"optimizer", &Experiment::optimizer},
    NamedSection{"schedule", &Experiment::schedule},
    NamedSection{"training", &Experiment::training},
    NamedSection{"evaluation", &Experiment::evaluation},
    NamedSection{"stop", &Experiment::stop},
    NamedSection{"checkpoint", &Experiment::checkpoint},
    NamedSection{"seed", &Experiment::seed},
};

struct NamedList {
  const char* name;
  std::vector<Section> Experiment::*sections;
};

constexpr std::array kLists{NamedList{"regularizers", &Experiment::regularizers},
                            NamedList{"probes", &Experiment::probes}};

std::vector<Setting> settings_of(const Section& section) {
  std::vector<Setting> settings;
  if (!section.plugin.empty())
    settings.push_back({"name", section.plugin, section.origin, section.mark});
  settings.insert(settings.end(), section.settings.begin(), section.settings.end());
  return settings;
}

bool is_plain(const std::string& text) {
  const bool is_null = text == "null" || text == "Null" || text == "NULL";
  return !text.empty() && !is_null && std::all_of(text.begin(), text.end(), [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) || letter == '_';
  });
}

std::string yaml_value(const Value& value) {
  const auto text = to_text(value);
  return std::holds_alternative<std::string>(value) && !is_plain(text) ? quoted_text(text) : text;
}

}  // namespace

const Setting* Section::find(std::string_view key) const {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& setting) { return setting.key == key; });
  return found == settings.end() ? nullptr : &*found;
}

const Setting& Section::at(std::string_view key) const {
  if (const auto* setting = find(key)) return *setting;
  throw std::logic_error(fmt::format("no setting '{}'", key));
}

std::int64_t Section::integer(std::string_view key) const {
  return std::get<std::int64_t>(at(key).value);
}
double Section::real(std::string_view key) const { return std::get<double>(at(key).value); }
const std::string& Section::text(std::string_view key) const {
  return std::get<std::string>(at(key).value);
}

const std::string& Section::label() const {
  const auto* as = find(kLabelKey);
  return as == nullptr ? plugin : std::get<std::string>(as->value);
}

Params Section::params() const {
  std::map<std::string, std::vector<Value>, std::less<>> values;
  for (const auto& setting : settings) values[setting.key] = {setting.value};
  return Params(1, std::move(values));
}

Params joined_params(const std::vector<const Section*>& sections, const Schema& schema) {
  std::map<std::string, std::vector<Value>, std::less<>> values;
  for (const auto& field : schema.fields()) {
    for (const auto* section : sections) {
      const auto& value = section->at(field.name).value;
      auto& list = values[field.name];
      if (field.per_replica || list.empty()) {
        list.push_back(value);
      } else if (list.front() != value) {
        throw std::logic_error(fmt::format("'{}' differs inside a pack", field.name));
      }
    }
  }
  return Params(sections.size(), std::move(values));
}

Seeds Experiment::seeds() const {
  const auto get = [&](const char* key) { return static_cast<std::uint64_t>(seed.integer(key)); };
  return {get("split"), get("init"), get("batches"), get("noise")};
}

std::vector<Setting> Experiment::flatten() const {
  std::vector<Setting> all = general.settings;
  const auto append = [&](const std::string& prefix, const Section& section) {
    for (auto setting : settings_of(section)) {
      setting.key = prefix + "." + setting.key;
      all.push_back(std::move(setting));
    }
  };
  for (const auto& [name, section] : kSections) append(name, this->*section);
  for (const auto& [name, sections] : kLists) {
    for (std::size_t i = 0; i < (this->*sections).size(); ++i) {
      append(fmt::format("{}.{}", name, i), (this->*sections)[i]);
    }
  }
  return all;
}

std::vector<std::pair<std::string, std::string>> Experiment::plugins() const {
  std::vector<std::pair<std::string, std::string>> all{{"operation", operation.plugin},
                                                       {"model", model.plugin},
                                                       {"loss", loss.plugin},
                                                       {"optimizer", optimizer.plugin}};
  const auto add = [&](const char* kind, const std::vector<Section>& sections) {
    for (const auto& section : sections) {
      const std::pair<std::string, std::string> plugin{kind, section.plugin};
      if (std::find(all.begin(), all.end(), plugin) == all.end()) all.push_back(plugin);
    }
  };
  add("regularizer", regularizers);
  add("probe", probes);
  return all;
}

std::string Experiment::identity() const {
  std::string text;
  for (const auto& setting : flatten()) {
    if (!decides_numbers(setting.key)) continue;
    text += fmt::format("{}={}\n", setting.key, identifying_text(setting));
  }
  return sha256(text).substr(0, 16);
}

std::vector<Setting*> file_settings(Experiment& experiment) {
  std::vector<Setting*> files;
  const auto look = [&](Section& section) {
    for (auto& setting : section.settings) {
      if (!setting.content_hash.empty()) files.push_back(&setting);
    }
  };
  for (const auto& [name, section] : kSections) look(experiment.*section);
  for (const auto& [name, sections] : kLists) {
    for (auto& section : experiment.*sections) look(section);
  }
  return files;
}

std::string identifying_text(const Setting& setting) {
  return setting.content_hash.empty() ? to_text(setting.value) : setting.content_hash;
}

std::string yaml_line(const std::string& indent, const Setting& setting) {
  return fmt::format("{:<40}  # {}\n",
                     fmt::format("{}{}: {}", indent, setting.key, yaml_value(setting.value)),
                     setting.origin);
}

std::string to_yaml(const Experiment& experiment) {
  std::string text;
  for (const auto& setting : experiment.general.settings) text += yaml_line("", setting);
  for (std::size_t i = 0; i < experiment.plugin_folders.size(); ++i) {
    text += fmt::format("{}  - {}\n", i == 0 ? "plugins:\n" : "",
                        quoted_text(experiment.plugin_folders[i]));
  }
  for (const auto& [name, section] : kSections) {
    const auto settings = settings_of(experiment.*section);
    text += fmt::format("{}:\n", name);
    for (const auto& setting : settings) text += yaml_line("  ", setting);
  }
  for (const auto& [name, sections] : kLists) {
    const auto& list = experiment.*sections;
    text += fmt::format("{}:{}\n", name, list.empty() ? " []" : "");
    for (const auto& section : list) {
      std::string indent = "  - ";
      for (const auto& setting : settings_of(section)) {
        text += yaml_line(std::exchange(indent, "    "), setting);
      }
    }
  }
  return text;
}

bool is_label(std::string_view text) {
  const bool fits = !text.empty() && text.size() <= 100;
  const bool has_letter = fits && kAlphanumeric.substr(0, 52).find(text.front()) != text.npos;
  return has_letter && text.find_first_not_of(std::string(kAlphanumeric) + "_") == text.npos;
}

}  // namespace groklab
