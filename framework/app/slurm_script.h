#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// An array job of Slurm. Each of its tasks takes packs of a sweep until none is left.
struct SlurmJob {
  std::string name;
  std::filesystem::path program;     // groklab, absolute
  std::filesystem::path sweep;       // the sweep's folder, absolute
  std::filesystem::path logs;        // the folder of the tasks' output, absolute
  std::size_t tasks = 1;             // of the array
  std::size_t at_once = 0;           // tasks that may run at the same time; 0: all
  std::size_t attempts = 1;          // workers of a task, at most, should they die
  int cpus = 1;                      // of a task, each a thread
  std::vector<std::string> options;  // of sbatch, as "--partition=gpu"; they win over the script's
};

// The most tasks of an array, by Slurm's default (MaxArraySize=1001).
inline constexpr std::size_t kMostTasks = 1000;

// How long before its time limit a task is told to stop.
inline constexpr int kStopSeconds = 120;

// What to hand to sbatch. Throws Error for what it could not be told: a text with a line break, a
// folder of logs with a backslash.
std::string slurm_script(const SlurmJob& job);

// What `sbatch --parsable` answers: words of the site, then a line 12, or 12;cluster.
struct Submission {
  std::string words;  // whole lines, or nothing
  std::string job;    // its number
};

std::optional<Submission> parse_submission(std::string_view output);  // nullopt: it has no number

// Throws Error unless `limit` is a time limit as Slurm writes it (90, 1:30:00, 2-12, unlimited, …)
// with time to work in before the stop.
void check_time_limit(const std::string& limit);

}  // namespace groklab
