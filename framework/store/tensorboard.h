#pragma once

#include "base/files.h"
#include "store/metrics.h"

#include <groklab/params.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace groklab {

// What a run was trained with, by the setting's path.
using Hyperparameters = std::vector<std::pair<std::string, Value>>;

// The checksum of TensorBoard's record files: CRC-32C, rotated and offset.
std::uint32_t masked_crc32c(std::string_view bytes);

// Writes scalars for TensorBoard, and for its page HParams with what the run was trained. Each
// writer starts a file of its own, events.out.tfevents.<seconds>.<process>; one that resumes tells
// TensorBoard to forget what an earlier file has beyond `resumed_step`. The events are a copy of
// what is elsewhere: where they cannot be written there is a warning, and then none until the run
// is resumed.
class TensorBoardWriter {
 public:
  TensorBoardWriter(const std::filesystem::path& folder, std::int64_t resumed_step,
                    const Hyperparameters& hyperparameters);

  void write(const MetricsRow& row);  // a scalar for each value, tagged with its name
  void write_end();                   // the run has its result

 private:
  void write_record(const std::string& event);
  void go_on_without(const Error& error);

  std::optional<AppendFile> file_;  // none: it cannot be written
};

}  // namespace groklab
