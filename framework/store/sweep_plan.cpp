#include "store/sweep_plan.h"

#include "base/files.h"
#include "base/paths.h"
#include "base/setting_keys.h"
#include "base/shell.h"
#include "store/json_field.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <set>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

constexpr int kFormat = 1;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A line a member, and of lists of objects a line an element, so that thousands of cells can still
// be looked at.
std::string to_lines(const Json& json) {
  std::string text = "{\n";
  for (const auto& [key, value] : json.items()) {
    text += fmt::format("  {}: ", dump(key));
    if (value.is_array() && !value.empty() && value.front().is_object()) {
      const char* separator = "[\n    ";
      for (const auto& element : value) {
        text += separator + dump(element);
        separator = ",\n    ";
      }
      text += "\n  ]";
    } else {
      text += dump(value);
    }
    text += ",\n";
  }
  text.replace(text.size() - 2, 2, "\n}\n");
  return text;
}

Json to_json(const SweepPlan& plan) {
  Json json{{"format", kFormat},
            {"experiment", plan.experiment},
            {"claim", plan.claim},
            {"created", plan.created},
            {"version", plan.version},
            {"keys", plan.keys},
            {"overrides", plan.overrides},
            {"plugin_path", plan.plugin_path},
            {"plugins", Json::array()},
            {"pack_limit", plan.pack_limit},
            {"settings", plan.settings},
            {"figures", to_json(plan.figures)},
            {"expectations", to_json(plan.expectations)},
            {"packs", Json::array()},
            {"cells", Json::array()}};
  for (const auto& plugin : plan.plugins) json["plugins"].push_back(to_json(plugin));
  for (const auto& plugin : plan.earlier_plugins) {
    json["earlier_plugins"].push_back(to_json(plugin));
  }
  for (const auto& [name, graph, cells] : plan.packs) {
    json["packs"].push_back({{"name", name}, {"graph", graph}, {"cells", cells}});
  }
  for (const auto& [id, coordinates, steps] : plan.cells) {
    json["cells"].push_back({{"id", id}, {"steps", steps}, {"coordinates", coordinates}});
  }
  return json;
}

std::map<std::string, Texts> settings_from(const JsonField& json) {
  std::map<std::string, Texts> settings;
  for (const auto& [path, values] : json.members()) settings[path] = values.texts();
  return settings;
}

PlannedPack pack_from(const JsonField& json) {
  PlannedPack pack{json.at("name").text(), json.at("graph").text(), {}};
  for (const auto& cell : json.at("cells").items()) {
    pack.cells.push_back(static_cast<std::size_t>(cell.integer(0)));
  }
  return pack;
}

SweepPlan from_json(const JsonField& json) {
  SweepPlan plan;
  plan.experiment = json.at("experiment").text();
  plan.claim = json.at("claim").text();
  plan.created = json.at("created").text();
  plan.version = json.at("version").text();
  plan.keys = json.at("keys").texts();
  plan.overrides = json.at("overrides").texts();
  plan.plugin_path = json.at("plugin_path").texts();
  for (const auto& plugin : json.at("plugins").items()) {
    plan.plugins.push_back(used_plugin_from_json(plugin));
  }
  if (const auto earlier = json.find("earlier_plugins")) {
    for (const auto& plugin : earlier->items()) {
      plan.earlier_plugins.push_back(used_plugin_from_json(plugin));
    }
  }
  plan.pack_limit = static_cast<std::size_t>(json.at("pack_limit").integer(0));
  plan.settings = settings_from(json.at("settings"));
  if (const auto figures = json.find("figures")) plan.figures = requests_from_json(*figures);
  if (const auto claims = json.find("expectations"))
    plan.expectations = requests_from_json(*claims);
  for (const auto& pack : json.at("packs").items()) plan.packs.push_back(pack_from(pack));
  for (const auto& cell : json.at("cells").items()) {
    plan.cells.push_back({cell.at("id").text(), cell.at("coordinates").texts(),
                          cell.at("steps").integer(0, kMostSteps)});
  }
  return plan;
}

void require_new_name(std::set<std::string>& names, const std::string& name) {
  const bool is_file_name =
      !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
  if (!is_file_name) throw Error(fmt::format("'{}' is no name of a folder", name));
  if (!names.insert(name).second) throw Error(fmt::format("'{}' is there twice", name));
}

// What everybody who reads a plan relies on.
void require_consistent(const SweepPlan& plan) {
  std::set<std::string> ids, names;
  if (plan.cells.empty()) throw Error("it has no cells");
  for (const auto& cell : plan.cells) {
    require_new_name(ids, cell.id);
    if (cell.coordinates.size() != plan.keys.size()) {
      throw Error(fmt::format("cell {} has {} coordinates for {} keys", cell.id,
                              cell.coordinates.size(), plan.keys.size()));
    }
  }
  std::vector<int> packs_of(plan.cells.size(), 0);
  for (const auto& pack : plan.packs) {
    require_new_name(names, pack.name);
    if (pack.cells.empty()) throw Error(fmt::format("pack {} has no cells", pack.name));
    for (const auto cell : pack.cells) {
      if (cell >= plan.cells.size()) {
        throw Error(fmt::format("pack {} has cell {} of {}", pack.name, cell, plan.cells.size()));
      }
      ++packs_of[cell];
    }
  }
  for (std::size_t i = 0; i < packs_of.size(); ++i) {
    if (packs_of[i] != 1) {
      throw Error(fmt::format("cell {} is in {} packs", plan.cells[i].id, packs_of[i]));
    }
  }
}

}  // namespace

bool SweepFolder::has_plan() const { return path_exists(plan()); }

SweepPlan read_plan(const SweepFolder& folder) {
  const auto file = folder.plan().string();
  if (!folder.has_plan()) {
    throw Error(
        fmt::format("{} holds no sweep (no plan.json); this makes one: {}", folder.path.string(),
                    shell_command({"groklab", "run", "SPEC", "--out", folder.path.string()})));
  }
  const auto text = read_file(folder.plan());
  std::int64_t format = 0;
  try {
    const auto json = parse_json(text);
    format = JsonField(json).at("format").integer();
    if (format == kFormat) {
      auto plan = from_json(JsonField(json));
      require_consistent(plan);
      return plan;
    }
  } catch (const Error& error) {
    throw Error(
        fmt::format("{} is damaged ({}); restore it, or remove it and give the groklab run "
                    "that made it again: runs that are done stay",
                    file, error.what()));
  }
  throw Error(
      fmt::format("{} has format {}, and this groklab reads {}; use the groklab that made it", file,
                  format, kFormat));
}

void write_plan(const SweepFolder& folder, const SweepPlan& plan) {
  make_folder(folder.path);
  write_atomically(folder.plan(), to_lines(to_json(plan)));
}

}  // namespace groklab
