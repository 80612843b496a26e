#pragma once

#include "base/setting_keys.h"
#include "spec/problems.h"

#include <groklab/params.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// One resolved value, and where it came from: "experiment.yaml:7", "command line", "default".
struct Setting {
  std::string key;
  Value value;
  std::string origin;
  Mark mark;  // of the value, for errors

  // SHA-256 of the file that a path names, which identifies it; of other values empty.
  std::string content_hash{};
};

// A section of a spec with every parameter of its schema resolved: a plugin with its parameters, or
// one of the program's own sections (training, data, …).
class Section {
 public:
  std::string plugin;  // its name; empty for the program's own sections
  Mark mark;           // of the name, for errors about the plugin
  std::string origin;  // of the name
  std::vector<Setting> settings;

  std::int64_t integer(std::string_view key) const;
  double real(std::string_view key) const;
  const std::string& text(std::string_view key) const;
  const Setting* find(std::string_view key) const;  // nullptr: no such key
  const Setting& at(std::string_view key) const;    // std::logic_error: no such key

  // What the columns of a probe begin with: `as`, or its name.
  const std::string& label() const;

  // What the plugin is created with, for one replica.
  Params params() const;
};

// What is the same for a plugin in all replicas of a pack, and what differs, joined: the sections
// are those of the R replicas and equal but for parameters that `schema` marks per-replica.
Params joined_params(const std::vector<const Section*>& sections, const Schema& schema);

// In a probe's section of a spec, and no parameter of the plugin: what its columns begin with, in
// place of its name.
inline constexpr auto* kLabelKey = "as";
inline constexpr auto* kLabelForm = "[A-Za-z][A-Za-z0-9_]{0,99}";
bool is_label(std::string_view text);

struct Seeds {
  std::uint64_t split, init, batches, noise;
};

// A fully resolved experiment: one cell. Everything a run depends on.
struct Experiment {
  Section general;  // experiment, claim, precision, device
  Section operation, model, loss, optimizer;
  std::vector<Section> regularizers, probes;
  Section data, schedule, training, evaluation, stop, checkpoint, seed;

  std::vector<std::string> plugin_folders;  // of `plugins:`, absolute; not part of the identity
  std::vector<std::string> notes;           // what the reader kept or left out, for the log

  const std::string& name() const { return general.text("experiment"); }
  Seeds seeds() const;

  // Every setting by its full path ("optimizer.beta1", "regularizers.0.name"), in the order in
  // which a spec is written.
  std::vector<Setting> flatten() const;

  // Kind and name of every plugin, each once.
  std::vector<std::pair<std::string, std::string>> plugins() const;

  // 16 hexadecimal digits: a hash of all settings that decide the numbers.
  std::string identity() const;
};

// The settings of all sections that name files.
std::vector<Setting*> file_settings(Experiment& experiment);

// What identifies its value: of a file its content, wherever it lies.
std::string identifying_text(const Setting& setting);

// One setting as a line of YAML, with its origin in a comment.
std::string yaml_line(const std::string& indent, const Setting& setting);

// The resolved spec as YAML that reads back as the same experiment, each value with its origin in a
// comment.
std::string to_yaml(const Experiment& experiment);

}  // namespace groklab
