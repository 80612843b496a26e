#pragma once

#include "spec/experiment.h"
#include "spec/yaml_tree.h"

#include <groklab/params.h>

#include <string>
#include <vector>

namespace groklab {

// Resolves the parameters of sections by their schemas: values that a spec gives, checked, and the
// defaults of the others.
class SectionFiller {
 public:
  enum class Unknown { rejected, left };  // what becomes of keys that the schema does not have

  explicit SectionFiller(Problems& problems) : problems_(problems) {}

  // `path` is that of `node`, for errors; the section's plugin is set before.
  void fill(Section& section, const YamlNode& node, const Schema& schema, const std::string& path,
            Unknown unknown = Unknown::rejected);

  // Without a schema: what the spec gives, as texts.
  static void keep(Section& section, const YamlNode& node);

  // What was kept for another plugin than the one it was set for, or left out.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void note_kept(const Section& section, const YamlNode::Entry& entry, const std::string& prefix);
  void reject_unknown_settings(const Section& section, const YamlNode& node, const Schema& schema,
                               const std::string& prefix);
  void add_value(Section& section, const Field& field, const YamlNode& node,
                 const std::string& path);
  void resolve_file(Setting& setting, const YamlNode& node, const std::string& path);

  Problems& problems_;
  std::vector<std::string> notes_;
};

}  // namespace groklab
