#include "spec/source.h"

#include "base/files.h"
#include "base/paths.h"
#include "spec/merge.h"
#include "spec/overrides.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

constexpr std::size_t kMaxExtends = 16;

// A study of another name makes claims of its own: those of the study that it extends are about
// other runs.
void drop_claims_of_another_study(YamlNode& base, const YamlNode& over) {
  const auto *old_name = base.find("experiment"), *new_name = over.find("experiment");
  if (old_name == nullptr || new_name == nullptr) return;
  if (old_name->value.scalar == new_name->value.scalar) return;
  std::erase_if(base.entries,
                [](const auto& entry) { return entry.key == "claim" || entry.key == "expect"; });
}

YamlNode load_file(const std::filesystem::path& file, std::vector<std::filesystem::path> chain) {
  const auto identity = canonical_path(file);
  if (std::find(chain.begin(), chain.end(), identity) != chain.end()) {
    throw Error(fmt::format("{}: extends itself, through {} file(s)", file.string(), chain.size()));
  }
  if (chain.size() >= kMaxExtends) {
    throw Error(
        fmt::format("{}: more than {} files extend one another", file.string(), kMaxExtends));
  }
  chain.push_back(identity);

  auto root = parse_yaml(read_file(file), file.lexically_normal().string());
  if (root.kind != YamlNode::Kind::map) {
    throw Error(fmt::format("{}: a spec is a map of keys, but this is {}", root.mark.text(),
                            root.kind_name()));
  }
  expand_short_forms(root);
  const auto* extends = root.find("extends");
  if (extends == nullptr) return root;
  if (extends->value.kind != YamlNode::Kind::scalar) {
    throw Error(fmt::format("{}: extends: expected the path of a spec, found {}",
                            extends->value.mark.text(), extends->value.kind_name()));
  }
  const auto base_file = file.parent_path() / extends->value.scalar;
  if (!path_exists(base_file)) {
    throw Error(fmt::format("{}: extends: there is no file {} (paths are relative to the spec)",
                            extends->value.mark.text(), base_file.lexically_normal().string()));
  }
  auto merged = load_file(base_file, std::move(chain));
  merged.mark = root.mark;  // what is missing is missing in the file that was named
  drop_claims_of_another_study(merged, root);
  merge_spec(merged, std::move(root));
  return merged;
}

}  // namespace

YamlNode load_spec(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  auto root = load_file(file, {});
  Problems problems;
  apply_overrides(root, overrides, problems);
  problems.throw_if_any();
  expand_short_forms(root);  // probes.0=weight_norm
  return root;
}

}  // namespace groklab
