#pragma once

#include "spec/exclusions.h"
#include "spec/merge.h"

#include <string>
#include <utility>
#include <vector>

namespace groklab {

// A setting that a sweep varies: its path, the place of that path, and its values.
struct SweptSetting {
  SpecPath path;
  Mark mark;
  std::vector<YamlNode> values;
};

// One setting, or several walked together; all have the same number of values, at least one.
struct SweepAxis {
  std::vector<SweptSetting> settings;

  std::size_t size() const { return settings.front().values.size(); }
};

// A value for a path.
struct Assignment {
  SpecPath path;
  Mark mark;
  YamlNode value;
};

// Into the order in which they are made: names of plugins first, and wholes before their parts.
void order(std::vector<Assignment>& assignments);

// Settings that belong together under a name.
struct Variant {
  std::string name;
  std::vector<Assignment> settings;
};

// What the `sweep:` of a spec declares: the variants, one axis, then the axes of `grid` in their
// order, then those of `zip`, then the one of `seeds`.
struct SweepSection {
  Mark mark;
  std::vector<Variant> variants;
  std::vector<SweepAxis> axes;
  std::vector<Exclusion> exclusions;
};

// Checks everything but the values themselves, for which a spec is read with them. Adds each
// mistake to `problems` and leaves out what it is about.
SweepSection read_sweep_section(const YamlNode& root, Problems& problems);

// The name of the axis that variants are.
inline constexpr const char* kVariantKey = "variant";

// The paths of all axes but variants with their places, in a section that may have mistakes.
std::vector<std::pair<std::string, Mark>> swept_paths(const YamlNode& root);

// Whether cells may differ in it. The name and what is read before a spec is whole may not.
bool can_be_swept(const SpecPath& path);

}  // namespace groklab
