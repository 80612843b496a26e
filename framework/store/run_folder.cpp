#include "store/run_folder.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/unfinished_file.h"
#include "store/process_identity.h"
#include "store/run_environment.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <set>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Those of an earlier start that got to no checkpoint.
void remove_events(const fs::path& folder) {
  for (const auto& entry : entries_of(folder)) {
    if (entry.filename().string().starts_with("events.out.tfevents.")) remove_file(entry);
  }
}

// A folder that a start left before run.json was written holds only these, whole or unfinished.
bool only_a_started_run(const fs::path& folder) {
  const std::set<std::string> known{"spec.yaml", "log.txt", "claims", "files"};
  const auto entries = entries_of(folder);
  return std::all_of(entries.begin(), entries.end(), [&](const fs::path& entry) {
    const auto name = entry.filename().string();
    return known.contains(name) || finished_name(name).has_value();
  });
}

// Who holds the lock of a run, as it wrote itself when it started.
std::string writer_of(const fs::path& folder) {
  try {
    const auto record = read_run_record(folder);
    return fmt::format("process {} on host {}",
                       record.value().json.at("process").get<std::int64_t>(),
                       record.value().json.at("host").get<std::string>());
  } catch (const std::exception&) {
    return "another process";  // which has not come to that
  }
}

}  // namespace

RunFolder::RunFolder(fs::path path, RunIdentity identity)
    : path_(std::move(path)), identity_(std::move(identity)), checkpoints_(path_) {
  if (auto record = read_run_record(path_)) {
    read_existing(std::move(*record));
  } else if (path_exists(path_) && !is_folder(path_)) {
    throw Error(fmt::format("{} is a file; name another folder with --out", path_.string()));
  } else if (path_exists(path_) && !only_a_started_run(path_)) {
    throw Error(fmt::format(
        "{} holds files but no run (no run.json); name another folder with --out", path_.string()));
  }
}

void RunFolder::read_existing(RunRecord record) {
  if (record.json.at("identity") != identity_.hash) {
    throw Error(fmt::format(
        "{} holds a run of another spec; name another folder with --out, or remove it:{}",
        path_.string(), differences_from(record, identity_)));
  }
  changed_plugins_ = changed_from(record, identity_);
  status_ = record.status;
  run_json_ = std::move(record.text);
  record_ = std::move(record.json);
}

std::vector<MetricsRow> RunFolder::metrics() const {
  if (!path_exists(file("metrics.jsonl"))) return {};
  return read_metrics(file("metrics.jsonl"));
}

std::optional<TensorFile> RunFolder::checkpoint() {
  if (!status_ || (status_ == RunStatus::failed && !changed_plugins_.empty())) return std::nullopt;
  return checkpoints_.read();
}

// With it, or with none that a run with another plugin or with other metrics left.
void RunFolder::settle_checkpoint(std::int64_t resumed_step) {
  if (resumed_step == 0) return checkpoints_.remove();
  if (!checkpoints_.warning().empty()) {
    const LogFile log(file("log.txt"));
    spdlog::warn("{}", checkpoints_.warning());
  }
  checkpoints_.settle();
}

void RunFolder::lock() {
  try {
    lock_.emplace(path_);
  } catch (const FolderInUse&) {
    throw FolderInUse(fmt::format("{} is being written by {}", path_.string(), writer_of(path_)));
  }
}

// What stands in the folder has to be what the constructor saw.
void RunFolder::require_unchanged() const {
  const auto now = path_exists(file("run.json")) ? read_file(file("run.json")) : "";
  if (now != run_json_) {
    throw FolderInUse(
        fmt::format("{}: another process has just written to this run; give the command "
                    "again",
                    path_.string()));
  }
}

// The rows up to `resumed_step`. What comes after them, whole or not, is measured again.
std::string RunFolder::kept_metrics(std::int64_t resumed_step) {
  std::string kept;
  rows_ = 0;
  if (resumed_step > 0 && path_exists(file("metrics.jsonl"))) {
    for (const auto& row : readable_metrics(file("metrics.jsonl"))) {
      if (row.step > resumed_step) break;
      kept += to_json_line(row);
      ++rows_;
    }
  }
  const auto written = checkpoints_.metrics_rows();
  if (resumed_step > 0 && written && rows_ != *written) {
    throw Error(
        fmt::format("{} has {} readable rows up to step {}, of {} that were written; restore "
                    "it, or remove the folder to start again",
                    file("metrics.jsonl").string(), rows_, resumed_step, *written));
  }
  return kept;
}

void RunFolder::start(std::int64_t resumed_step, Json facts) {
  make_folder(path_);
  lock();
  require_unchanged();
  remove_leftovers(path_, {"spec.yaml", "run.json", "metrics.jsonl", "checkpoint.safetensors"});
  if (resumed_step > 0 && !changed_plugins_.empty()) {
    throw Error(
        fmt::format("{} was begun with another build of {}; put that back, remove the folder or "
                    "name another with --out",
                    path_.string(), join(changed_plugins_, ", ")));
  }
  const auto kept = kept_metrics(resumed_step);
  settle_checkpoint(resumed_step);  // before metrics are cut to it
  write_atomically(file("spec.yaml"), identity_.spec_yaml);
  record_start(resumed_step, facts);
  write_run_json(RunStatus::running);  // before the files by which nobody knows a run
  if (resumed_step == 0) remove_events(path_);
  write_atomically(file("metrics.jsonl"), kept);
  metrics_.emplace(file("metrics.jsonl"));
  tensorboard_.emplace(path_, resumed_step, identity_.hyperparameters);
}

// Those of earlier sessions, and in what the environment is another one now.
Json RunFolder::warnings_on_resume(std::int64_t resumed_step, const Json& facts) const {
  auto warnings = record_.value("warnings", Json::array());
  const LogFile log(file("log.txt"));
  for (const auto& change : environment_changes(record_, facts)) {
    warnings.push_back(fmt::format("resumed at step {}: {}", resumed_step, change));
    spdlog::warn("{}; the last bits of the numbers may differ from here on",
                 warnings.back().get<std::string>());
  }
  return warnings;
}

void RunFolder::record_start(std::int64_t resumed_step, const Json& facts) {
  const auto writer = ProcessIdentity::mine();
  auto warnings = resumed_step > 0 ? warnings_on_resume(resumed_step, facts) : Json();
  const auto first_start = record_.contains("started") ? record_["started"] : Json(utc_now());
  record_ = {{"format", 1},
             {"status", ""},
             {"experiment", identity_.experiment},
             {"identity", identity_.hash},
             {"started", first_start},
             {"resumed_at_step", resumed_step},
             {"host", writer.host},
             {"process", writer.process},
             {"machine", writer.machine},
             {"process_start", writer.start}};
  record_.update(facts);
  record_["plugins"] = Json::array();
  for (const auto& plugin : identity_.plugins) record_["plugins"].push_back(to_json(plugin));
  if (!warnings.empty()) record_["warnings"] = std::move(warnings);
  record_["settings"] = Json::object();
  for (const auto& [key, value] : identity_.settings) record_["settings"][key] = value;
  if (!identity_.figures.empty()) record_["figures"] = to_json(identity_.figures);
  if (!identity_.expectations.empty()) record_["expectations"] = to_json(identity_.expectations);
}

void RunFolder::append(const MetricsRow& row) {
  metrics_->append(to_json_line(row));
  tensorboard_->write(row);
  ++rows_;
}

void RunFolder::write_missing_spec() const {
  if (path_exists(file("spec.yaml"))) return;
  write_atomically(file("spec.yaml"), identity_.spec_yaml);
}

// A checkpoint or an outcome must not stand beside other metrics than those that were written.
void RunFolder::require_own_metrics(bool are_own) const {
  if (are_own) return;
  throw FileError(
      fmt::format("{} was removed or changed by another program while this run wrote it ({} rows), "
                  "so the run is not done; put it back, or remove the run's folder to start again",
                  file("metrics.jsonl").string(), rows_));
}

void RunFolder::write_checkpoint(TensorFile checkpoint) {
  metrics_->sync();
  require_own_metrics(metrics_->is_as_written());
  checkpoints_.write(std::move(checkpoint), rows_);
}

void RunFolder::finish(RunStatus status, const Json& facts) {
  metrics_->sync();
  require_own_metrics(metrics_->is_as_written());
  const auto rows = readable_metrics(file("metrics.jsonl"));
  require_own_metrics(rows.size() == rows_);
  // A run without its spec could not be analysed.
  write_missing_spec();
  record_["finished"] = utc_now();
  record_.update(facts);
  record_["summary"] = to_json(summarize(rows));
  write_run_json(status);
  // TensorBoard believes the first end it reads, so only what is final is one.
  if (is_finished(status)) tensorboard_->write_end();
  let_go();
}

void RunFolder::let_go() {
  metrics_.reset();
  tensorboard_.reset();
  lock_.reset();
}

void RunFolder::mark_failed(const std::string& reason) {
  make_folder(path_);
  if (!lock_) lock();  // it is held where `start` got as far
  require_unchanged();
  write_missing_spec();
  if (record_.empty()) record_start(0, Json::object());
  record_["finished"] = utc_now();
  record_["failure"] = reason;
  write_run_json(RunStatus::failed);
  let_go();
}

void RunFolder::retry() {
  if (status_ != RunStatus::failed) return;
  lock();
  require_unchanged();
  if (!changed_plugins_.empty()) {
    checkpoints_.remove();
    record_["plugins"] = Json::array();
    changed_plugins_.clear();
  }
  record_.erase("failure");
  write_run_json(RunStatus::interrupted);
  let_go();
}

void RunFolder::write_run_json(RunStatus status) {
  record_["status"] = to_text(status);
  auto text = record_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  write_atomically(file("run.json"), text);
  status_ = status;
  run_json_ = std::move(text);
}

}  // namespace groklab
