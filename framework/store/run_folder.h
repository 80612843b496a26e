#pragma once

#include "base/files.h"
#include "store/metrics.h"
#include "store/run_record.h"
#include "store/safetensors.h"
#include "store/tensorboard.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace groklab {

// The library of a plugin that a run uses.
struct UsedPlugin {
  std::string kind, name, library, sha256;
};

// What identifies a run: its spec, resolved, and its plugins.
struct RunIdentity {
  std::string experiment;                                     // its name
  std::string hash;                                           // of the resolved spec
  std::vector<std::pair<std::string, std::string>> settings;  // path → value
  std::string spec_yaml;
  std::vector<UsedPlugin> plugins;
};

// The folder of one run:
//   spec.yaml               the resolved spec, with the origin of each value
//   run.json                status, versions, plugins with their hashes, device, summary
//   metrics.jsonl           what was measured, a row a line; only grows
//   checkpoint.safetensors  from which the run resumes; written atomically, with a checksum
//   events.out.tfevents.*   the metrics again, for TensorBoard
//   log.txt
class RunFolder {
 public:
  // The folder at `path` as it is: absent or empty (status nullopt), or a run of `identity`. Writes
  // nothing. Throws Error if it holds anything else, or a run of another spec (and then says which
  // settings differ).
  RunFolder(std::filesystem::path path, RunIdentity identity);

  const std::filesystem::path& path() const { return path_; }
  std::optional<RunStatus> status() const { return status_; }
  std::vector<MetricsRow> metrics() const;  // empty if there are none yet

  // The plugins whose libraries are others than when the run was started: "operation divide".
  const std::vector<std::string>& changed_plugins() const { return changed_plugins_; }

  // The checkpoint to resume from; none for a run that failed and whose plugin was changed since.
  // Throws Error if it is damaged.
  std::optional<TensorFile> checkpoint();

  // Starts (or goes on after) `resumed_step`: makes the folder, locks it against other processes,
  // drops metrics beyond that step, and records `facts` (versions, device, plugins, …) in run.json.
  // Throws Error if another process wrote to the folder meanwhile, a plugin of a resumed run was
  // changed, or metrics from before the checkpoint are missing.
  void start(std::int64_t resumed_step, nlohmann::ordered_json facts);

  void append(const MetricsRow& row);
  void write_checkpoint(TensorFile checkpoint);  // after the metrics are on the disk

  // Records the outcome in run.json, with the summary of the metrics and `facts` added, and lets go
  // of the folder.
  void finish(RunStatus status, const nlohmann::ordered_json& facts);

  // Records that the run failed before it could start or go on.
  void mark_failed(const std::string& reason);

  // Makes a run that failed due again: from its checkpoint, or from the start if a plugin was
  // changed since. Does nothing to others.
  void retry();

 private:
  std::filesystem::path file(const char* name) const { return path_ / name; }
  void read_existing(RunRecord record);
  void find_changed_plugins();
  void require_unchanged() const;
  std::string kept_metrics(std::int64_t resumed_step);
  void record_start(std::int64_t resumed_step, const nlohmann::ordered_json& facts);
  void write_run_json(RunStatus status);

  std::filesystem::path path_;
  RunIdentity identity_;
  std::optional<RunStatus> status_;
  std::string run_json_;  // as this process last read or wrote it
  nlohmann::ordered_json record_;
  std::vector<std::string> changed_plugins_;
  std::optional<std::size_t> checkpoint_rows_;  // of metrics when the checkpoint was written
  std::size_t rows_ = 0;                        // of metrics now
  std::optional<FolderLock> lock_;
  std::optional<AppendFile> metrics_;
  std::optional<TensorBoardWriter> tensorboard_;
};

}  // namespace groklab
