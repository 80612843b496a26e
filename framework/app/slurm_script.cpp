#include "app/slurm_script.h"

#include "base/shell.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace groklab {
namespace {

constexpr long kLeastSeconds = 300;

// The signal goes to the worker, not to this shell, which a preemption ends before it asks for
// anything. A worker that died left its claim, and after a second death on a pack that is given up:
// two for each pack are the most that can be.
constexpr const char* kWork = R"bash(
# The task takes packs of the sweep until none is left, whatever the other tasks do. A worker that
# died by a signal costs its pack one retry, and the next one goes on.
for attempt in $(seq {}); do
  srun --ntasks=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" \
    {} work {} --threads "$SLURM_CPUS_PER_TASK"
  code=$?
  if [[ $code -le 128 ]]; then break; fi
  echo "worker $attempt of this task died (exit code $code)" >&2
done

# 75: told to stop, and checkpoints are written. The task goes back to the queue, and on from there.
if [[ $code -eq 75 ]]; then
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
fi
exit "$code"
)bash";

void require_one_line(const std::string& text) {
  if (text.find_first_of("\r\n") == std::string::npos) return;
  throw Error(fmt::format("'{}' has a line break, which a script for sbatch cannot hold", text));
}

// A line with an option for sbatch. It reads quotes its own way: a backslash stands before a letter
// that is meant, also between quotes, and only quotes keep blanks and # from ending a word.
std::string directive(const std::string& option) {
  require_one_line(option);
  std::string word;
  for (const char letter : option) {
    if (std::string_view("'\"\\").find(letter) != std::string_view::npos) word += '\\';
    word += letter;
  }
  const bool is_plain = option.find_first_of(" \t\v\f#'\"\\") == std::string::npos;
  return fmt::format("#SBATCH {0}{1}{0}\n", is_plain ? "" : "\"", word);
}

// The pattern for the names of logs. In one with a backslash Slurm would replace nothing.
std::string log_pattern(const std::filesystem::path& folder) {
  const auto path = folder.string();
  if (path.find('\\') != std::string::npos) {
    throw Error(
        fmt::format("{}: Slurm cannot write to a folder with a backslash in its path; name "
                    "another one with --out",
                    path));
  }
  std::string pattern;
  for (const char letter : path) pattern += letter == '%' ? "%%" : std::string(1, letter);
  return pattern + "/%A_%a.log";
}

// nullopt: not one to six digits.
std::optional<long> count_of(const std::string& text) {
  long count = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const bool is_count = error == std::errc() && rest == end && count >= 0 && text.size() <= 6;
  return is_count && text.front() != '-' ? std::optional(count) : std::nullopt;
}

// 0: no limit; nullopt: not a time limit with numbers.
std::optional<long> seconds_of(const std::string& limit) {
  const auto dash = limit.find('-');
  const bool has_days = dash != std::string::npos;
  const auto days = has_days ? count_of(limit.substr(0, dash)) : 0;
  std::vector<long> counts;  // hours, minutes and seconds, or minutes and seconds
  for (auto start = has_days ? dash + 1 : 0; start <= limit.size();) {
    const auto end = std::min(limit.find(':', start), limit.size());
    const auto count = count_of(limit.substr(start, end - start));
    if (!count || counts.size() == 3) return std::nullopt;
    counts.push_back(*count);
    start = end + 1;
  }
  if (!days) return std::nullopt;
  const long unit = has_days || counts.size() == 3 ? 3600 : 60;
  counts.resize(3);
  return *days * 86400 + counts[0] * unit + counts[1] * unit / 60 + counts[2];
}

}  // namespace

std::string slurm_script(const SlurmJob& job) {
  require_one_line(job.program.string() + job.sweep.string());
  std::string text = "#!/bin/bash\n# Written by groklab slurm.\n";
  const auto limit = job.at_once > 0 ? fmt::format("%{}", job.at_once) : "";
  for (const auto& option :
       {"--job-name=" + job.name, fmt::format("--array=0-{}{}", job.tasks - 1, limit),
        std::string("--ntasks=1"), fmt::format("--cpus-per-task={}", job.cpus),
        std::string("--requeue"), fmt::format("--signal=USR1@{}", kStopSeconds),
        "--chdir=" + job.logs.string(), "--output=" + log_pattern(job.logs),
        std::string("--open-mode=append")}) {
    text += directive(option);
  }
  for (const auto& option : job.options) text += directive(option);
  return text + fmt::format(kWork, job.attempts, shell_word(job.program.string()),
                            shell_word(job.sweep.string()));
}

std::optional<Submission> parse_submission(std::string_view output) {
  const auto last = output.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return std::nullopt;
  output = output.substr(0, last + 1);
  const auto start = output.rfind('\n') + 1;  // 0 where there is one line
  const auto line = output.substr(start);
  const auto digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const auto cluster = line.substr(digits);
  const bool is_number = digits > 0 && (cluster.empty() || cluster.front() == ';');
  if (!is_number || cluster.find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  return Submission{std::string(output.substr(0, start)), std::string(line.substr(0, digits))};
}

void check_time_limit(const std::string& limit) {
  for (const auto* without : {"unlimited", "infinite"}) {
    if (::strcasecmp(limit.c_str(), without) == 0) return;
  }
  const auto seconds = seconds_of(limit);
  if (!seconds) {
    throw Error(
        fmt::format("--time {}: Slurm writes a time limit as minutes, minutes:seconds, "
                    "hours:minutes:seconds, days-hours, days-hours:minutes, "
                    "days-hours:minutes:seconds or unlimited",
                    limit));
  }
  if (*seconds > 0 && *seconds < kLeastSeconds) {
    throw Error(
        fmt::format("--time {}: a task is told to stop {} s before its limit, or up to "
                    "60 s earlier; give it {} minutes or more",
                    limit, kStopSeconds, kLeastSeconds / 60));
  }
}

}  // namespace groklab
