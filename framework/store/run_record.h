#pragma once

#include "store/metrics.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace groklab {

enum class RunStatus { running, interrupted, done, diverged, failed };

std::string to_text(RunStatus status);

// Whether it has a result, and nothing is left to do.
inline bool is_finished(RunStatus status) {
  return status == RunStatus::done || status == RunStatus::diverged;
}

// Finished or failed: the command that trains does not go on with it by itself.
inline bool is_over(RunStatus status) { return is_finished(status) || status == RunStatus::failed; }

// What run.json says of a run, checked as far as its status, its identity, its settings and its
// plugins: json.at("identity") is a string, "settings" an object of strings, and so on.
struct RunRecord {
  RunStatus status;
  nlohmann::ordered_json json;
  std::string text;  // the file as it was read
};

// nullopt: no run was started there. Throws Error, with the file's name, if run.json cannot be read
// or is damaged.
std::optional<RunRecord> read_run_record(const std::filesystem::path& run_folder);

// The summary as run.json has it; null: never, or not measured.
nlohmann::ordered_json to_json(const Summary& summary);

}  // namespace groklab
