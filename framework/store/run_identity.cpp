#include "store/run_identity.h"

#include <fmt/format.h>

#include <map>

namespace groklab {

std::string differences_from(const RunRecord& record, const RunIdentity& identity) {
  std::map<std::string, std::pair<std::string, std::string>> both;
  for (const auto& [key, value] : record.json.at("settings").items()) both[key].first = value;
  for (const auto& [key, value] : identity.settings) both[key].second = value;
  std::string lines;
  for (const auto& [key, values] : both) {
    const auto shown = [](const std::string& text) { return text.empty() ? "(none)" : text; };
    if (values.first != values.second) {
      lines +=
          fmt::format("\n  {}: {} there, {} now", key, shown(values.first), shown(values.second));
    }
  }
  return lines;
}

std::vector<std::string> changed_from(const RunRecord& record, const RunIdentity& identity) {
  std::vector<std::string> changed;
  for (const auto& recorded : record.json.at("plugins")) {
    for (const auto& plugin : identity.plugins) {
      if (recorded.at("kind") == plugin.kind && recorded.at("name") == plugin.name &&
          recorded.at("sha256") != plugin.sha256) {
        changed.push_back(plugin.kind + " " + plugin.name);
      }
    }
  }
  return changed;
}

}  // namespace groklab
