#include "store/run_environment.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kCompared{std::pair{"groklab", "version of groklab"},
                               std::pair{"build", "build of groklab"},
                               std::pair{"libtorch", "version of LibTorch"},
                               std::pair{"libtorch_library", "library of LibTorch"},
                               std::pair{"instructions", "vector instructions"},
                               std::pair{"device", "device"},
                               std::pair{"backend", "build of the device's plugin"},
                               std::pair{"execution", "way of computing"}};

constexpr std::size_t kShownOfHash = 12;

std::string shown(const std::string& key, const Json& value) {
  const auto text = value.is_string() ? value.get<std::string>() : value.dump();
  return key == "build" || key == "backend" ? text.substr(0, kShownOfHash) : text;
}

}  // namespace

std::vector<std::string> environment_changes(const Json& before, const Json& now) {
  std::vector<std::string> changes;
  for (const auto& [key, name] : kCompared) {
    if (!before.contains(key) || !now.contains(key) || before[key] == now[key]) continue;
    changes.push_back(
        fmt::format("{}: {} there, {} now", name, shown(key, before[key]), shown(key, now[key])));
  }
  return changes;
}

std::string builds_of(const RunRecord& record) {
  return Json{{"groklab", record.json.value("groklab", "")},
              {"build", record.json.value("build", "")},
              {"plugins", record.json.at("plugins")}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace groklab
