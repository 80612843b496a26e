#pragma once

#include "app/load_experiment.h"
#include "store/run_record.h"
#include "store/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// A file of tensors that somebody named, read whole, and the run that it belongs to.
struct FoundCheckpoint {
  std::filesystem::path file;
  TensorFile content;
  std::optional<RunRecord> record;    // of the run.json beside it
  std::vector<std::string> warnings;  // the newest is damaged, run.json is

  std::filesystem::path folder() const { return file.has_parent_path() ? file.parent_path() : "."; }
  bool has_hash() const { return content.metadata.contains("sha256"); }
  bool is_of_groklab() const;  // rather than another program's
  std::optional<std::int64_t> step() const;
};

// `named` is a file, or the folder of a run; then it is its newest checkpoint that is whole. Throws
// Error for the folder of a sweep (with its runs), where there is no checkpoint, and for what is
// damaged.
FoundCheckpoint find_checkpoint(const std::filesystem::path& named);

// What the run of a checkpoint trained, as the spec.yaml beside it says. Plugins are looked for
// where its sweep looked and, last, where run.json says that they were. Throws Error if there is
// no such file, or if it is not the run's any more. `warnings` gets what makes predictions
// doubtful.
LoadedExperiment load_experiment_of(const FoundCheckpoint& checkpoint,
                                    std::vector<std::filesystem::path> plugin_path,
                                    std::vector<std::string>& warnings);

}  // namespace groklab
