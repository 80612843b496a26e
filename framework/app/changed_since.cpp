#include "app/changed_since.h"

#include "base/version.h"
#include "host/library.h"
#include "host/program_content.h"
#include "store/used_plugin.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

class BuildComparison {
 public:
  void compare(const Json& builds) {
    const auto build = builds.at("build").get<std::string>();
    if (!build.empty() && build != program_content()) {
      lines_.insert(fmt::format("groklab {}: this is another build ({})",
                                builds.at("groklab").get<std::string>(), kVersion));
    }
    for (const auto& plugin : builds.at("plugins"))
      compare(used_plugin_from_json(JsonField(plugin)));
  }

  std::vector<std::string> lines() const { return {lines_.begin(), lines_.end()}; }

 private:
  void compare(const UsedPlugin& before) {
    if (before.content.empty()) return;
    auto now = before;
    refresh(now.library, now.content);
    for (auto& [library, content] : now.helpers) refresh(library, content);
    const auto difference = difference_of_builds(before, now);
    if (difference.empty()) return;
    lines_.insert(fmt::format("{}: {} holds another build now", difference, before.library));
  }

  void refresh(const std::string& library, std::string& content) {
    const auto [known, is_new] = contents_.try_emplace(library);
    if (is_new) known->second = current_content(library);
    if (!known->second.empty()) content = known->second;
  }

  std::map<std::string, std::string> contents_;  // of files, as they are now
  std::set<std::string> lines_;
};

}  // namespace

std::vector<std::string> changed_since(const std::set<std::string>& builds) {
  BuildComparison comparison;
  for (const auto& text : builds) comparison.compare(Json::parse(text));
  return comparison.lines();
}

}  // namespace groklab
