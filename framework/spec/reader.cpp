#include "spec/reader.h"

#include "base/paths.h"
#include "base/synonyms.h"
#include "base/text.h"
#include "spec/named_path.h"
#include "spec/section_filler.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

class Reader {
 public:
  Reader(const YamlNode& root, const SchemaLookup& lookup, Problems& problems)
      : root_(root), lookup_(lookup), problems_(problems), filler_(problems) {}

  Experiment read() {
    reject_unknown_keys();
    Experiment experiment;
    for (const auto& [name, schema] : own_schemas()) own_section(experiment, name, schema);
    experiment.operation = plugin_section("operation");
    experiment.model = plugin_section("model");
    experiment.loss = plugin_section("loss");
    experiment.optimizer = plugin_section("optimizer");
    experiment.regularizers = plugin_list("regularizers", "regularizer");
    experiment.probes = plugin_list("probes", "probe");
    check_labels(experiment.probes);
    check_name();
    check_device();
    experiment.notes = filler_.notes();
    return experiment;
  }

  Section plugin_section(const std::string& kind) {
    if (root_.find(kind) == nullptr) {
      problems_.add(root_.mark, kind,
                    fmt::format("missing; name one, such as {}: {{name: …}} "
                                "(`groklab plugins list` shows them)",
                                kind));
      return {};
    }
    const auto* entry = map_entry(kind);
    return entry == nullptr ? Section{} : plugin(entry->value, kind, kind);
  }

 private:
  static Section* own(Experiment& experiment, const std::string& name) {
    if (name == "data") return &experiment.data;
    if (name == "schedule") return &experiment.schedule;
    if (name == "training") return &experiment.training;
    if (name == "evaluation") return &experiment.evaluation;
    if (name == "stop") return &experiment.stop;
    if (name == "checkpoint") return &experiment.checkpoint;
    if (name == "seed") return &experiment.seed;
    return &experiment.general;
  }

  void reject_unknown_keys() {
    std::vector<std::string> known{"extends", "plugins", "sweep", "figures", "expect"};
    for (const auto& section : plugin_sections()) known.push_back(section.key);
    for (const auto& [name, schema] : own_schemas()) {
      if (!name.empty()) known.push_back(name);
      if (name.empty()) {
        for (const auto& field : schema.fields()) known.push_back(field.name);
      }
    }
    std::optional<std::vector<std::string>> settings;
    for (const auto& entry : root_.entries) {
      if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
      if (!settings) settings = settings_of_sections();
      const auto advice = problems_.are_many() ? "" : suggested_place(entry.key, known, *settings);
      problems_.add(entry.mark, entry.key, "unknown key" + advice);
    }
  }

  // The paths of all settings of this spec that are in a section: optimizer.learning_rate.
  std::vector<std::string> settings_of_sections() const {
    std::vector<std::string> paths;
    const auto add = [&](const std::string& section, const Schema& schema) {
      for (const auto& field : schema.fields()) paths.push_back(section + "." + field.name);
    };
    for (const auto& [name, schema] : own_schemas()) {
      if (!name.empty()) add(name, schema);
    }
    for (const auto& section : plugin_sections()) {
      const auto* entry = section.is_list ? nullptr : root_.find(section.key);
      const auto* name = entry == nullptr ? nullptr : entry->value.find("name");
      if (name == nullptr) continue;
      try {
        if (const auto schema = lookup_(section.kind, name->value.scalar))
          add(section.key, *schema);
      } catch (const Error&) {  // said where the plugin is read
      }
    }
    return paths;
  }

  // For a key at the top that is none: a setting of that name, or one like it, in a section.
  static std::string suggested_place(const std::string& key, const std::vector<std::string>& known,
                                     const std::vector<std::string>& settings) {
    std::vector<std::string> names;
    for (const auto& path : settings) names.push_back(path.substr(path.find('.') + 1));
    const auto paths_of = [&](const auto& name) {
      std::vector<std::string> paths;
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) paths.push_back(settings[i]);
      }
      return paths;
    };
    auto paths = paths_of(key);
    if (paths.empty()) paths = paths_of(name_here(key));
    if (paths.empty() && nearest(key, known).empty()) {
      const auto near = nearest(key, names);
      if (!near.empty()) paths = paths_of(near.front());
    }
    if (paths.empty()) return suggestion(key, known);
    return fmt::format("; did you mean '{}'?", join(paths, "' or '"));
  }

  void own_section(Experiment& experiment, const std::string& name, const Schema& schema) {
    Section& section = *own(experiment, name);
    section.mark = root_.mark;
    if (name.empty()) {
      filler_.fill(section, root_, schema, "", SectionFiller::Unknown::left);
    } else if (const auto* entry = map_entry(name)) {
      filler_.fill(section, entry->value, schema, name);
    } else {
      filler_.fill(section, YamlNode{.kind = Kind::map, .mark = root_.mark}, schema, name);
    }
  }

  // The entry, if it is there and a map; reports it if it is something else.
  const YamlNode::Entry* map_entry(const std::string& key) {
    const auto* entry = root_.find(key);
    if (entry == nullptr || entry->value.kind == Kind::map) return entry;
    problems_.add(entry->value.mark, key,
                  "expected a map of keys, found " + entry->value.kind_name());
    return nullptr;
  }

  std::vector<Section> plugin_list(const std::string& key, const std::string& kind) {
    std::vector<Section> sections;
    const auto* entry = root_.find(key);
    if (entry == nullptr || entry->value.kind == Kind::null) return sections;
    if (entry->value.kind != Kind::sequence) {
      problems_.add(entry->value.mark, key, "expected a list, found " + entry->value.kind_name());
      return sections;
    }
    for (std::size_t i = 0; i < entry->value.items.size(); ++i) {
      const auto& item = entry->value.items[i];
      const auto path = fmt::format("{}.{}", key, i);
      if (item.kind == Kind::map) {
        sections.push_back(kind == "probe" ? probe(item, path) : plugin(item, kind, path));
      } else {
        problems_.add(item.mark, path, "expected a plugin's name, found " + item.kind_name());
      }
    }
    return sections;
  }

  Section plugin(const YamlNode& node, const std::string& kind, const std::string& path) {
    Section section;
    const auto* name = node.find("name");
    if (name == nullptr || name->value.kind != Kind::scalar) {
      const auto& mark = name == nullptr ? node.mark : name->value.mark;
      problems_.add(mark, path + ".name", fmt::format("expected the name of a {} plugin", kind));
      return section;
    }
    section.plugin = name->value.scalar;
    section.mark = name->value.mark;
    section.origin = name->value.mark.short_text();
    try {
      if (const auto schema = lookup_(kind, section.plugin)) {
        filler_.fill(section, node, *schema, path);
      } else {
        filler_.keep(section, node);
      }
    } catch (const Error& error) {
      problems_.add(section.mark, path + ".name", error.what());
    }
    return section;
  }

  // A plugin, and what its columns begin with, which is no parameter of its own.
  Section probe(const YamlNode& node, const std::string& path) {
    auto parameters = node;
    std::erase_if(parameters.entries, [](const auto& entry) { return entry.key == kLabelKey; });
    auto section = plugin(parameters, "probe", path);
    const auto* label = node.find(kLabelKey);
    if (label == nullptr) return section;
    const auto& value = label->value;
    if (value.kind == Kind::scalar && is_label(value.scalar)) {
      section.settings.insert(section.settings.begin(),
                              {kLabelKey, value.scalar, value.mark.short_text(), value.mark});
    } else {
      problems_.add(value.mark, path + "." + kLabelKey,
                    fmt::format("expected what the probe's columns are to begin with, a letter "
                                "and then letters, digits and _, found {}",
                                value.kind_name()));
    }
    return section;
  }

  void check_labels(const std::vector<Section>& probes) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      const auto& label = probes[i].label();
      const auto [first, is_new] = places.try_emplace(label, i);
      if (label.empty() || is_new) continue;
      problems_.add(probes[i].mark, fmt::format("probes.{}", i),
                    fmt::format("its columns would have the names of those of probes.{}; give it "
                                "others, such as `{}: {}_{}`",
                                first->second, kLabelKey, label, i));
    }
  }

  // The name becomes a folder, so it must be a plain one.
  void check_name() {
    const auto* entry = root_.find("experiment");
    if (entry == nullptr || entry->value.kind != Kind::scalar) return;
    const auto& name = entry->value.scalar;
    if (!is_experiment_name(name)) {
      problems_.add(entry->value.mark, "experiment",
                    fmt::format("'{}' is to name a folder: use letters, digits, _ and -, at most "
                                "100",
                                name));
    }
  }

  // A device that is not of the program's own is a backend plugin.
  void check_device() {
    const auto* entry = root_.find("device");
    if (entry == nullptr || entry->value.kind != Kind::scalar) return;
    const auto& device = entry->value.scalar;
    if (device == "auto" || device == "cpu" || device == "cpu-replay") return;
    try {
      lookup_("backend", device);
    } catch (const Error& error) {
      problems_.add(
          entry->value.mark, "device",
          fmt::format("expected auto, cpu, cpu-replay or a backend, and {}", error.what()));
    }
  }

  const YamlNode& root_;
  const SchemaLookup& lookup_;
  Problems& problems_;
  SectionFiller filler_;
};

}  // namespace

Section read_plugin(const YamlNode& root, const std::string& kind, const SchemaLookup& lookup,
                    Problems& problems) {
  return Reader(root, lookup, problems).plugin_section(kind);
}

Experiment read_experiment(const YamlNode& root, const SchemaLookup& lookup, Problems& problems) {
  return Reader(root, lookup, problems).read();
}

std::vector<std::filesystem::path> plugin_folders(const YamlNode& root) {
  std::vector<std::filesystem::path> folders;
  Problems problems;
  const auto* entry = root.find("plugins");
  if (entry == nullptr) return folders;
  std::vector<YamlNode> items = entry->value.items;
  if (entry->value.kind == Kind::scalar || entry->value.kind == Kind::map) items = {entry->value};
  for (const auto& item : items) {
    if (item.kind != Kind::scalar) {
      problems.add(item.mark, "plugins",
                   "expected the path of a folder, found " + item.kind_name());
      continue;
    }
    const auto folder = named_path(item);
    if (is_folder(folder)) {
      folders.push_back(absolute_path(folder));
    } else {
      problems.add(item.mark, "plugins",
                   fmt::format("there is no folder {} (paths are relative to the spec)",
                               folder.lexically_normal().string()));
    }
  }
  problems.throw_if_any();
  return folders;
}

bool is_experiment_name(std::string_view text) {
  const bool fits = !text.empty() && text.size() <= 100;
  return fits && text.find_first_not_of(std::string(kAlphanumeric) + "_-") == text.npos;
}

}  // namespace groklab
