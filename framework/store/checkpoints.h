#pragma once

#include "store/safetensors.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace groklab {

// The checkpoints of a run: checkpoint.safetensors, and checkpoint.previous.safetensors, the one
// before it. Whatever stops the process that writes them, one of them is whole; if the newest is
// damaged or missing, the previous one is used.
class CheckpointFiles {
 public:
  explicit CheckpointFiles(const std::filesystem::path& folder);

  // The newest that is whole; nullopt: there are none. Throws Error, with what is wrong with each,
  // if all are damaged, and FileError if one that may be whole cannot be read.
  std::optional<TensorFile> read();

  // Of the checkpoint that `read` gave: the rows of metrics that were on the disk when it was
  // written, and why it is the previous one (empty: it is the newest).
  std::optional<std::size_t> metrics_rows() const { return metrics_rows_; }
  const std::string& warning() const { return warning_; }

  // Makes the previous one, if `read` gave it, the newest. A later `write` would otherwise put the
  // damaged one in its place.
  void settle();

  void write(TensorFile checkpoint, std::size_t metrics_rows);
  void remove();

 private:
  std::filesystem::path newest_, previous_;
  std::optional<std::size_t> metrics_rows_;
  std::string warning_;
};

}  // namespace groklab
