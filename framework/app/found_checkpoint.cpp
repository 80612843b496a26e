#include "app/found_checkpoint.h"

#include "app/sweep_status.h"
#include "app/units.h"
#include "base/files.h"
#include "base/paths.h"
#include "base/text.h"
#include "spec/reader.h"
#include "spec/scalars.h"
#include "spec/source.h"
#include "store/checkpoints.h"
#include "train/session.h"

#include <algorithm>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownRuns = 20;

[[noreturn]] void refuse_sweep(const fs::path& folder) {
  const auto runs = read_run_set(folder);
  const auto count = runs.plan.cells.size();
  auto text = fmt::format("{} is a sweep of {}; name the folder of one of them:\n", folder.string(),
                          counted(count, "run"));
  for (std::size_t cell = 0; cell < std::min(count, kShownRuns); ++cell) {
    text += fmt::format("  {}\n", cell_text(runs, cell));
  }
  text += rest_text(count, kShownRuns);
  text.pop_back();
  throw Error(text);
}

std::string missing_checkpoint(const fs::path& folder, const std::optional<RunRecord>& record) {
  if (!record) {
    return fmt::format(
        "{} holds neither a run (run.json) nor a checkpoint.safetensors; name the folder of a run, "
        "or a file",
        folder.string());
  }
  return fmt::format("the run in {} ({}) has no checkpoint; checkpoint.every of its spec is {}",
                     folder.string(), to_text(record->status),
                     record->json["settings"].value("checkpoint.every", "not known"));
}

TensorFile read_tensors(const fs::path& file) {
  const auto bytes = read_file(file);
  try {
    return from_safetensors(bytes);
  } catch (const Error& error) {
    throw Error(
        fmt::format("{}: {}; name the folder of its run for the newest checkpoint that is "
                    "whole",
                    file.string(), error.what()));
  }
}

void read_newest(const fs::path& folder, FoundCheckpoint& found) {
  CheckpointFiles files(folder);
  auto content = files.read();
  if (!content) throw Error(missing_checkpoint(folder, found.record));
  found.content = std::move(*content);
  const bool is_newest = files.warning().empty();
  found.file = folder / (is_newest ? "checkpoint.safetensors" : "checkpoint.previous.safetensors");
  if (!is_newest) found.warnings.push_back(files.warning());
}

void read_record(const fs::path& folder, FoundCheckpoint& found) {
  try {
    found.record = read_run_record(folder);
  } catch (const Error& error) {
    found.warnings.emplace_back(error.what());
  }
}

// Of the sweep that a run belongs to, as far as they are still there.
std::vector<fs::path> sweep_plugin_path(const fs::path& run_folder) {
  const SweepFolder sweep{canonical_path(run_folder).parent_path().parent_path()};
  std::vector<fs::path> folders;
  if (!sweep.has_plan()) return folders;
  for (const auto& folder : read_plan(sweep).plugin_path) {
    if (is_folder(folder)) folders.emplace_back(folder);
  }
  return folders;
}

bool is_there(const Catalog& catalog, const std::string& kind, const std::string& name) {
  try {
    catalog.find(kind, name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Where the libraries of plugins are that a run used and that are not found otherwise.
std::vector<fs::path> recorded_folders(const RunRecord& record, const Catalog& catalog) {
  std::vector<fs::path> folders;
  for (const auto& plugin : record.json["plugins"]) {
    const fs::path library = plugin["library"].get<std::string>();
    if (!path_exists(library) || is_there(catalog, plugin["kind"], plugin["name"])) continue;
    folders.push_back(library.parent_path());
  }
  return folders;
}

void compare_with_record(const FoundCheckpoint& checkpoint, const LoadedExperiment& loaded,
                         std::vector<std::string>& warnings) {
  const auto identity = identity_of(loaded.experiment, loaded.catalog);
  if (checkpoint.record->json["identity"] != identity.hash) {
    throw Error(fmt::format(
        "{} is not what this run trained, which run.json has: it or a file that it names was "
        "edited, or another version of groklab wrote it:{}",
        (checkpoint.folder() / "spec.yaml").string(),
        differences_from(*checkpoint.record, identity)));
  }
  const auto changed = changed_from(*checkpoint.record, identity);
  if (changed.empty()) return;
  warnings.push_back(
      fmt::format("the run was trained with another build of {}; a prediction may "
                  "differ from what it computed",
                  join(changed, ", ")));
}

}  // namespace

bool FoundCheckpoint::is_of_groklab() const { return has_hash() && step().has_value(); }

std::optional<std::int64_t> FoundCheckpoint::step() const {
  const auto step = content.metadata.find("step");
  return step == content.metadata.end() ? std::nullopt : parse_integer(step->second);
}

FoundCheckpoint find_checkpoint(const fs::path& named) {
  FoundCheckpoint found;
  if (!is_folder(named)) {
    found.file = named;
    found.content = read_tensors(named);
    read_record(found.folder(), found);
    return found;
  }
  if (SweepFolder{named}.has_plan()) refuse_sweep(named);
  read_record(named, found);
  read_newest(named, found);
  return found;
}

LoadedExperiment load_experiment_of(const FoundCheckpoint& checkpoint,
                                    std::vector<fs::path> plugin_path,
                                    std::vector<std::string>& warnings) {
  if (!checkpoint.is_of_groklab()) {
    throw Error(
        fmt::format("{} is no checkpoint of groklab, and only those have a network's answers",
                    checkpoint.file.string()));
  }
  const auto spec = checkpoint.folder() / "spec.yaml";
  if (!path_exists(spec)) {
    throw Error(fmt::format(
        "a prediction needs what was trained, and there is no spec.yaml beside {}; name the "
        "folder of the run, or put its spec.yaml there",
        checkpoint.file.string()));
  }
  for (auto& folder : sweep_plugin_path(checkpoint.folder())) plugin_path.push_back(folder);
  if (checkpoint.record) {
    const Catalog catalog(search_path(plugin_path, plugin_folders(load_spec(spec, {}))));
    for (auto& folder : recorded_folders(*checkpoint.record, catalog)) {
      plugin_path.push_back(folder);
    }
  }
  auto loaded = load_experiment(spec, {}, plugin_path);
  if (checkpoint.record) compare_with_record(checkpoint, loaded, warnings);
  return loaded;
}

}  // namespace groklab
