#pragma once

#include "base/files.h"
#include "store/checkpoints.h"
#include "store/metrics.h"
#include "store/run_identity.h"
#include "store/run_record.h"
#include "store/tensorboard.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// The folder of one run:
//   spec.yaml               the resolved spec, with the origin of each value
//   run.json                status, versions, plugins with their hashes, device, the process that
//                           writes it, summary
//   metrics.jsonl           what was measured, a row a line; only grows
//   checkpoint.safetensors, checkpoint.previous.safetensors
//                           from which the run resumes (store/checkpoints.h)
//   events.out.tfevents.*   the metrics and the settings again, for TensorBoard
//   log.txt                 what happened
//   claims/                 of a run outside of a sweep, who trains it (store/driver_claim.h)
//   files/                  of a run outside of a sweep, copies of the files that its spec names
// A file that cannot be written is an Error; the run then goes on, when it is started again, from
// its last good checkpoint. But events and the log repeat what is elsewhere: there it is a warning.
class RunFolder {
 public:
  // The folder at `path` as it is: absent or empty (status nullopt), or a run of `identity`. Writes
  // nothing. Throws Error if it holds anything else, or a run of another spec (and then says which
  // settings differ).
  RunFolder(std::filesystem::path path, RunIdentity identity);

  const std::filesystem::path& path() const { return path_; }
  std::optional<RunStatus> status() const { return status_; }
  std::vector<MetricsRow> metrics() const;  // empty if there are none yet

  // The record of the run as run.json has it; empty: it was never started.
  const nlohmann::ordered_json& record() const { return record_; }

  // The plugins of which a build is used that differs from the one that started the run: "operation
  // divide".
  const std::vector<std::string>& changed_plugins() const { return changed_plugins_; }

  // The checkpoint to resume from; none for a run that failed and whose plugin was changed since.
  // Throws Error if there are some and all are damaged.
  std::optional<TensorFile> checkpoint();

  // Starts (or goes on after) `resumed_step`: makes the folder, locks it against other processes,
  // drops metrics beyond that step (and checkpoints, if it is 0), and records `facts` (versions,
  // device, plugins, …) in run.json. Warns, also in run.json, where the facts of a resumed run
  // differ in what can change the last bits. Warns if the newest checkpoint was damaged. Throws
  // Error if another process has the folder (which one) or wrote to it meanwhile, a plugin of a
  // resumed run was changed, or metrics from before the checkpoint are missing.
  void start(std::int64_t resumed_step, nlohmann::ordered_json facts);

  void append(const MetricsRow& row);
  void write_checkpoint(TensorFile checkpoint);  // after the metrics are on the disk

  // Records the outcome in run.json, with the summary of the metrics and `facts` added, and lets go
  // of the folder. If that fails the run is still running, with all that it wrote. This and
  // `write_checkpoint` throw FileError if another program removed or changed the metrics.
  void finish(RunStatus status, const nlohmann::ordered_json& facts);

  // Closes the files and the lock: a sweep has more runs than a process may have open files.
  void let_go();

  // Records that the run failed before it could start or go on.
  void mark_failed(const std::string& reason);

  // Makes a run that failed due again: from its checkpoint, or from the start if a plugin was
  // changed since. Does nothing to others.
  void retry();

 private:
  std::filesystem::path file(const char* name) const { return path_ / name; }
  void read_existing(RunRecord record);
  void lock();
  void require_unchanged() const;
  void require_own_metrics(bool are_own) const;
  void write_missing_spec() const;
  void settle_checkpoint(std::int64_t resumed_step);
  std::string kept_metrics(std::int64_t resumed_step);
  nlohmann::ordered_json warnings_on_resume(std::int64_t resumed_step,
                                            const nlohmann::ordered_json& facts) const;
  void record_start(std::int64_t resumed_step, const nlohmann::ordered_json& facts);
  void write_run_json(RunStatus status);

  std::filesystem::path path_;
  RunIdentity identity_;
  std::optional<RunStatus> status_;
  std::string run_json_;  // as this process last read or wrote it
  nlohmann::ordered_json record_;
  std::vector<std::string> changed_plugins_;
  CheckpointFiles checkpoints_;
  std::size_t rows_ = 0;  // of metrics now
  std::optional<FolderLock> lock_;
  std::optional<AppendFile> metrics_;
  std::optional<TensorBoardWriter> tensorboard_;
};

}  // namespace groklab
