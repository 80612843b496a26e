#include "sweep/freeze.h"

#include "base/clock.h"
#include "base/paths.h"
#include "base/shell.h"
#include "base/text.h"
#include "base/unfinished_file.h"
#include "base/version.h"
#include "sweep/own_files.h"
#include "sweep/settings.h"
#include "train/backends.h"
#include "train/packs.h"
#include "train/session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

// A sweep whose plan was not written yet, or is lost, has claims or the folders of its runs.
void require_no_other_files(const SweepFolder& folder) {
  const auto& path = folder.path;
  if (folder.has_plan() || !path_exists(path)) return;
  const bool is_run = path_exists(path / "run.json");  // which has claims too
  if (!is_run && (path_exists(path / "cells") || path_exists(folder.claims()))) return;
  if (is_empty_folder(path)) return;
  const auto* what = is_folder(path) ? "holds files but no sweep (no plan.json)" : "is a file";
  throw Error(fmt::format("{} {}; name another folder with --out", path.string(), what));
}

std::string short_hash(const std::string& text) { return sha256(text).substr(0, 16); }

class Freezer {
 public:
  Freezer(const SweepFolder& folder, const SweepDeclaration& declaration)
      : folder_(folder), declared_(declaration) {
    if (folder_.has_plan()) {
      plan_ = read_plan(folder_);
    } else {
      plan_.created = utc_now();
      plan_.version = kVersion;
      plan_.pack_limit = declared_.pack_limit;
    }
  }

  SweepPlan freeze() {
    add_settings();
    add_keys();
    add_cells();
    add_plugins();
    plan_.experiment = first().name();
    plan_.claim = first().general.text("claim");
    plan_.overrides = declared_.overrides;
    plan_.figures = requests_of(declared_.sweep.figures);
    plan_.expectations = requests_of(declared_.sweep.expectations);
    add_plugin_path();
    form_packs();
    write_specs();
    write_plan(folder_, plan_);
    return std::move(plan_);
  }

 private:
  const Experiment& first() const { return declared_.sweep.cells.front().experiment; }

  void add_settings() {
    const auto now = settings_of(declared_.sweep.cells);
    if (!plan_.cells.empty()) {
      if (const auto lines = differences(plan_.settings, now); !lines.empty()) {
        throw Error(
            fmt::format("{} holds another sweep; name another folder with --out, or sweep "
                        "over what differs:{}",
                        folder_.path.string(), lines));
      }
    }
    before_ = plan_.settings;
    plan_.settings = plan_.cells.empty() ? now : merged(plan_.settings, now);
  }

  // Cells that were planned before have of a new key the one value that all of them had.
  void add_keys() {
    old_keys_ = static_cast<std::ptrdiff_t>(plan_.keys.size());
    for (const auto& key : declared_.sweep.keys) {
      const auto name = column_of(key);
      if (std::find(plan_.keys.begin(), plan_.keys.end(), name) != plan_.keys.end()) continue;
      plan_.keys.push_back(name);
      for (auto& cell : plan_.cells) cell.coordinates.push_back(only_value(before_, name));
    }
  }

  void add_cells() {
    std::unordered_map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < plan_.cells.size(); ++i) known[plan_.cells[i].id] = i;
    for (const auto& cell : declared_.sweep.cells) {
      ids_.push_back(cell.experiment.identity());
      auto coordinates = coordinates_of(cell, plan_.keys);
      if (const auto place = known.find(ids_.back()); place != known.end()) {
        auto& kept = plan_.cells[place->second].coordinates;
        std::copy(coordinates.begin() + old_keys_, coordinates.end(), kept.begin() + old_keys_);
        continue;
      }
      new_.push_back({plan_.cells.size(), &cell});
      plan_.cells.push_back(
          {ids_.back(), std::move(coordinates), cell.experiment.training.integer("steps")});
    }
  }

  void add_plugins() {
    std::set<std::pair<std::string, std::string>> known;
    for (const auto& cell : declared_.sweep.cells) {
      for (const auto& [kind, name] : cell.experiment.plugins()) {
        if (!known.insert({kind, name}).second) continue;
        plan_plugin(used_plugin(declared_.catalog.find(kind, name)));
      }
    }
  }

  // What this command finds is what workers use from now on.
  void plan_plugin(UsedPlugin now) {
    const auto planned =
        std::find_if(plan_.plugins.begin(), plan_.plugins.end(), [&](const UsedPlugin& plugin) {
          return plugin.kind == now.kind && plugin.name == now.name;
        });
    if (planned == plan_.plugins.end()) {
      plan_.plugins.push_back(std::move(now));
      return;
    }
    const bool is_another = !difference_of_builds(*planned, now).empty();
    auto before = std::exchange(*planned, std::move(now));
    if (is_another && has_begun()) plan_.earlier_plugins.push_back(std::move(before));
  }

  bool has_begun() const {
    return std::any_of(plan_.cells.begin(), plan_.cells.end(), [&](const PlannedCell& cell) {
      return path_exists(folder_.cell(cell.id) / "run.json");
    });
  }

  // The folders of this command first, then those of earlier ones.
  void add_plugin_path() {
    const auto before = std::exchange(plan_.plugin_path, {});
    auto& path = plan_.plugin_path;
    for (const auto& folder : declared_.catalog.folders()) {
      path.push_back(full_path(folder).string());
    }
    for (const auto& folder : before) {
      if (std::find(path.begin(), path.end(), folder) == path.end()) path.push_back(folder);
    }
  }

  // Packs that are there stay, so that whoever works on one goes on with it.
  void form_packs() {
    std::vector<std::size_t> cells;
    std::vector<Candidate> candidates;
    if (plan_.pack_limit != declared_.pack_limit && may_repack()) {
      for (const auto& pack : plan_.packs) {
        for (const auto cell : pack.cells) {
          cells.push_back(cell);
          candidates.push_back({pack.graph, 0});
        }
      }
      plan_.packs.clear();
      plan_.pack_limit = declared_.pack_limit;
    }
    std::set<std::string> tried;
    PackGraphs graphs(declared_.catalog);
    for (const auto& [index, cell] : new_) {
      cells.push_back(index);
      const auto shared = graphs.shared_settings(cell->experiment);
      candidates.push_back({short_hash(graph_text(shared)), 0});
      if (tried.insert(candidates.back().graph).second) try_parts(cell->experiment);
    }
    for (const auto& members : plan_packs(candidates, plan_.pack_limit)) {
      PlannedPack pack{"", candidates[members.front()].graph, {}};
      std::string ids;
      for (const auto i : members) {
        pack.cells.push_back(cells[i]);
        ids += plan_.cells[cells[i]].id;
      }
      pack.name = short_hash(ids);
      plan_.packs.push_back(std::move(pack));
    }
  }

  // Mistakes that only show when parts are made are to be found now, not after a night's runs.
  void try_parts(const Experiment& experiment) const {
    if (declared_.runs_here) choose_backend(declared_.catalog, experiment);
    assemble(declared_.catalog, {experiment});
  }

  bool may_repack() const {
    ClaimWatch watch;
    for (const auto& [name, claim] : ClaimFolder(folder_.claims()).all()) {
      if (name == kDriverClaim || watch.look(claim) == ClaimHolder::nobody) continue;
      spdlog::warn("packs stay at {} cells, since {} works on one", plan_.pack_limit,
                   claim.record.owner.text());
      return false;
    }
    return true;
  }

  // Of runs that are over it stays as they had it. The others may change in what is not part of
  // their identity, such as the device.
  void write_specs() const {
    make_folder(folder_.path / "cells");
    OwnFiles files(folder_.path / "files");
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const auto path = folder_.cell(ids_[i]);
      const auto spec = path / "spec.yaml";
      const auto record = read_run_record(path);
      if (record && is_over(record->status)) continue;
      const auto text = files.spec_of(declared_.sweep.cells[i].experiment, path);
      if (path_exists(spec) && read_file(spec) == text) continue;
      make_folder(path);
      write_spec(path, text);
    }
    write_atomically(folder_.spec(), read_file(declared_.spec));
  }

  // A run that a worker trains at this moment keeps the spec that it was started with.
  static void write_spec(const fs::path& cell, const std::string& text) {
    try {
      const FolderLock lock(cell);
      replace_file(cell / "spec.yaml", text);
    } catch (const FolderInUse&) {
    }
  }

  const SweepFolder& folder_;
  const SweepDeclaration& declared_;
  SweepPlan plan_;
  SettingValues before_;
  std::ptrdiff_t old_keys_ = 0;
  std::vector<std::string> ids_;                          // of the declared cells
  std::vector<std::pair<std::size_t, const Cell*>> new_;  // with their place in the plan
};

}  // namespace

std::unique_ptr<HeldClaim> claim_sweep(const SweepFolder& folder,
                                       const std::function<bool()>& stop_requested) {
  require_no_other_files(folder);
  return claim_driver(
      folder.path,
      "add workers to it by: " + shell_command({"groklab", "work", folder.path.string()}),
      stop_requested);
}

SweepPlan freeze_sweep(const SweepFolder& folder, const SweepDeclaration& declaration) {
  if (path_exists(folder.path)) remove_leftovers(folder.path, {"plan.json", "spec.yaml"});
  return Freezer(folder, declaration).freeze();
}

}  // namespace groklab
