#include "store/checkpoints.h"

#include "base/files.h"
#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <cstdlib>
#include <vector>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRowsKey = "metrics_rows";  // in a checkpoint's metadata

// Looking may fail too, and then reading says why.
bool is_absent(const fs::path& file) {
  std::error_code failure;
  return !fs::exists(file, failure) && !failure;
}

std::size_t rows_of(const TensorFile& checkpoint) {
  const auto rows = checkpoint.metadata.find(kRowsKey);
  if (!checkpoint.metadata.contains("sha256") || rows == checkpoint.metadata.end()) {
    throw Error("no checkpoint of a run: it lacks its hash or its number of metrics");
  }
  return std::strtoull(rows->second.c_str(), nullptr, 10);
}

}  // namespace

CheckpointFiles::CheckpointFiles(const fs::path& folder)
    : newest_(folder / "checkpoint.safetensors"),
      previous_(folder / "checkpoint.previous.safetensors") {}

std::optional<TensorFile> CheckpointFiles::read() {
  std::vector<std::string> problems;  // of the files that are there
  std::optional<FileError> unreadable;
  for (const auto& file : {newest_, previous_}) {
    if (is_absent(file)) continue;
    try {
      auto checkpoint = from_safetensors(read_file(file));
      metrics_rows_ = rows_of(checkpoint);
      warning_.clear();
      if (file == previous_) {
        warning_ = fmt::format(
            "{}; going on from {}",
            problems.empty() ? newest_.string() + " is missing" : problems.front(), file.string());
      }
      return checkpoint;
    } catch (const FileError& error) {
      problems.push_back(error.what());
      unreadable = error;
    } catch (const Error& error) {
      problems.push_back(fmt::format("{}: {}", file.string(), error.what()));
    }
  }
  if (problems.empty()) return std::nullopt;
  if (unreadable) throw *unreadable;  // it may be sound
  throw Error(fmt::format("{}; remove {} to start the run again", join(problems, "; "),
                          problems.size() > 1 ? "both" : "it"));
}

void CheckpointFiles::settle() {
  if (!warning_.empty()) rename_file(previous_, newest_);
  warning_.clear();
}

void CheckpointFiles::write(TensorFile checkpoint, std::size_t metrics_rows) {
  checkpoint.metadata[kRowsKey] = std::to_string(metrics_rows);
  write_keeping_previous(newest_, previous_, to_safetensors(checkpoint));
}

void CheckpointFiles::remove() {
  for (const auto& file : {newest_, previous_}) remove_file(file);
}

}  // namespace groklab
