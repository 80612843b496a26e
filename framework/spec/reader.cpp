#include "spec/reader.h"

#include "base/files.h"
#include "base/text.h"
#include "spec/typed_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <regex>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

// What a path names, which is relative to the file that says it, or on the command line to the
// working directory.
std::filesystem::path named_path(const YamlNode& node) {
  return std::filesystem::path(*node.mark.file).parent_path() / node.scalar;
}

std::string absolute_path(const std::filesystem::path& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

class Reader {
 public:
  Reader(const YamlNode& root, const SchemaLookup& lookup, Problems& problems)
      : root_(root), lookup_(lookup), problems_(problems) {}

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
    check_name();
    check_device();
    experiment.notes = std::move(notes_);
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
    std::vector<std::string> known{"extends", "plugins", "sweep"};
    for (const auto& section : plugin_sections()) known.push_back(section.key);
    for (const auto& [name, schema] : own_schemas()) {
      if (!name.empty()) known.push_back(name);
      if (name.empty()) {
        for (const auto& field : schema.fields()) known.push_back(field.name);
      }
    }
    for (const auto& entry : root_.entries) {
      if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
        problems_.add(entry.mark, entry.key, "unknown key" + suggestion(entry.key, known));
      }
    }
  }

  void own_section(Experiment& experiment, const std::string& name, const Schema& schema) {
    Section& section = *own(experiment, name);
    section.mark = root_.mark;
    if (name.empty()) {
      fill(section, root_, schema, "", /*reject_unknown=*/false);
    } else if (const auto* entry = map_entry(name)) {
      fill(section, entry->value, schema, name, true);
    } else {
      fill(section, YamlNode{.kind = Kind::map, .mark = root_.mark}, schema, name, true);
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
        sections.push_back(plugin(item, kind, path));
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
      fill(section, node, lookup_(kind, section.plugin), path, true);
    } catch (const Error& error) {
      problems_.add(section.mark, path + ".name", error.what());
    }
    return section;
  }

  void fill(Section& section, const YamlNode& node, const Schema& schema, const std::string& path,
            bool reject_unknown) {
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
    if (reject_unknown) reject_unknown_settings(section, node, schema, prefix);
  }

  void note_kept(const Section& section, const YamlNode::Entry& entry, const std::string& prefix) {
    if (entry.key == "name") return;
    notes_.push_back(fmt::format("{}{}: {} ({}) was set for another plugin and is kept for {}",
                                 prefix, entry.key, entry.value.scalar, entry.mark.short_text(),
                                 section.plugin));
  }

  void reject_unknown_settings(const Section& section, const YamlNode& node, const Schema& schema,
                               const std::string& prefix) {
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
        problems_.add(entry.mark, prefix + entry.key,
                      "unknown parameter" + owner + suggestion(entry.key, known));
      }
    }
  }

  void add_value(Section& section, const Field& field, const YamlNode& node,
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

  void resolve_file(Setting& setting, const YamlNode& node, const std::string& path) {
    const auto file = named_path(node);
    std::error_code unreadable;
    try {
      if (!std::filesystem::is_regular_file(file, unreadable)) {
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

  static std::string suggestion_if_near(const std::string& word,
                                        const std::vector<std::string>& choices) {
    return nearest(word, choices).empty() ? "" : suggestion(word, choices);
  }

  // The name becomes a folder, so it must be a plain one.
  void check_name() {
    const auto* entry = root_.find("experiment");
    if (entry == nullptr || entry->value.kind != Kind::scalar) return;
    static const std::regex plain(kExperimentName);
    const auto& name = entry->value.scalar;
    if (!std::regex_match(name, plain)) {
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
  std::vector<std::string> notes_;
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
    if (std::filesystem::is_directory(folder)) {
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

}  // namespace groklab
