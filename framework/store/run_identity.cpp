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
  for (const auto& json : record.json.at("plugins")) {
    const auto recorded = used_plugin_from_json(JsonField(json));
    for (const auto& plugin : identity.plugins) {
      if (recorded.kind != plugin.kind || recorded.name != plugin.name) continue;
      const auto difference = difference_of_builds(recorded, plugin);
      if (!difference.empty()) changed.push_back(difference);
    }
  }
  return changed;
}

}  // namespace groklab
