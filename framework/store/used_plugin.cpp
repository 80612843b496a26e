#include "store/used_plugin.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

// The contents of libraries by their files' names: where they are does not matter.
std::map<std::string, std::string> contents_of(const std::vector<UsedLibrary>& libraries) {
  std::map<std::string, std::string> contents;
  for (const auto& [library, content] : libraries) {
    contents[std::filesystem::path(library).filename().string()] = content;
  }
  return contents;
}

std::string helper_text(const std::string& library, const std::string& plugin) {
  return fmt::format("the library {} of {}", library, plugin);
}

}  // namespace

Json to_json(const UsedPlugin& plugin) {
  Json json{{"kind", plugin.kind},
            {"name", plugin.name},
            {"library", plugin.library},
            {"sha256", plugin.sha256}};
  if (!plugin.content.empty()) json["content"] = plugin.content;
  for (const auto& [library, content] : plugin.helpers) {
    json["helpers"].push_back({{"library", library}, {"content", content}});
  }
  return json;
}

UsedPlugin used_plugin_from_json(const JsonField& json) {
  UsedPlugin plugin{json.at("kind").text(),
                    json.at("name").text(),
                    json.at("library").text(),
                    json.at("sha256").text(),
                    "",
                    {}};
  if (const auto content = json.find("content")) plugin.content = content->text();
  if (const auto helpers = json.find("helpers")) {
    for (const auto& helper : helpers->items()) {
      plugin.helpers.push_back({helper.at("library").text(), helper.at("content").text()});
    }
  }
  return plugin;
}

std::string difference_of_builds(const UsedPlugin& before, const UsedPlugin& now) {
  const auto name = before.kind + " " + before.name;
  const bool is_recorded = !before.content.empty();  // groklab once recorded the file's hash alone
  if (is_recorded ? before.content != now.content : before.sha256 != now.sha256) return name;
  if (!is_recorded) return "";
  const auto was = contents_of(before.helpers), is = contents_of(now.helpers);
  for (const auto& [library, content] : was) {
    const auto found = is.find(library);
    if (found == is.end() || found->second != content) return helper_text(library, name);
  }
  for (const auto& [library, content] : is) {
    if (!was.contains(library)) return helper_text(library, name);
  }
  return "";
}

}  // namespace groklab
