#include "store/run_folder.h"

#include "base/clock.h"
#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <cstdlib>
#include <map>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kRowsKey = "metrics_rows";  // in a checkpoint's metadata

// Which settings differ, a line each.
std::string differences(const Json& old_settings,
                        const std::vector<std::pair<std::string, std::string>>& settings) {
  std::map<std::string, std::pair<std::string, std::string>> both;
  for (const auto& [key, value] : old_settings.items()) both[key].first = value;
  for (const auto& [key, value] : settings) both[key].second = value;
  std::string lines;
  for (const auto& [key, values] : both) {
    const auto shown = [](const std::string& text) { return text.empty() ? "(none)" : text; };
    if (values.first != values.second) {
      lines +=
          fmt::format("\n  {}: {} there, {} now", key, shown(values.first), shown(values.second));
    }
  }
  return lines;
}

// Those of an earlier start that got to no checkpoint.
void remove_events(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) {
      fs::remove(entry.path());
    }
  }
}

// A folder that a start left before run.json was written holds only these.
bool only_a_started_run(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name != "spec.yaml" && name != "spec.yaml.part" && name != "run.json.part" &&
        name != "log.txt") {
      return false;
    }
  }
  return true;
}

}  // namespace

RunFolder::RunFolder(fs::path path, RunIdentity identity)
    : path_(std::move(path)), identity_(std::move(identity)) {
  if (auto record = read_run_record(path_)) {
    read_existing(std::move(*record));
  } else if (fs::exists(path_) && !fs::is_directory(path_)) {
    throw Error(fmt::format("{} is a file; name another folder with --out", path_.string()));
  } else if (fs::exists(path_) && !only_a_started_run(path_)) {
    throw Error(fmt::format(
        "{} holds files but no run (no run.json); name another folder with --out", path_.string()));
  }
}

void RunFolder::read_existing(RunRecord record) {
  if (record.json.at("identity") != identity_.hash) {
    throw Error(fmt::format(
        "{} holds a run of another spec; name another folder with --out, or remove it:{}",
        path_.string(), differences(record.json.at("settings"), identity_.settings)));
  }
  status_ = record.status;
  run_json_ = std::move(record.text);
  record_ = std::move(record.json);
  find_changed_plugins();
}

void RunFolder::find_changed_plugins() {
  for (const auto& recorded : record_.at("plugins")) {
    for (const auto& plugin : identity_.plugins) {
      if (recorded.at("kind") == plugin.kind && recorded.at("name") == plugin.name &&
          recorded.at("sha256") != plugin.sha256) {
        changed_plugins_.push_back(plugin.kind + " " + plugin.name);
      }
    }
  }
}

std::vector<MetricsRow> RunFolder::metrics() const {
  if (!fs::exists(file("metrics.jsonl"))) return {};
  return read_metrics(file("metrics.jsonl"));
}

std::optional<TensorFile> RunFolder::checkpoint() {
  const auto name = file("checkpoint.safetensors");
  if (!status_ || !fs::exists(name)) return std::nullopt;
  if (status_ == RunStatus::failed && !changed_plugins_.empty()) return std::nullopt;
  try {
    auto checkpoint = from_safetensors(read_file(name));
    const auto rows = checkpoint.metadata.find(kRowsKey);
    if (rows != checkpoint.metadata.end())
      checkpoint_rows_ = std::strtoull(rows->second.c_str(), nullptr, 10);
    return checkpoint;
  } catch (const Error& error) {
    throw Error(
        fmt::format("{}: {}; remove it to start the run again", name.string(), error.what()));
  }
}

// What stands in the folder has to be what the constructor saw.
void RunFolder::require_unchanged() const {
  const auto now = fs::exists(file("run.json")) ? read_file(file("run.json")) : "";
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
  if (resumed_step > 0 && fs::exists(file("metrics.jsonl"))) {
    for (const auto& row : readable_metrics(file("metrics.jsonl"))) {
      if (row.step > resumed_step) break;
      kept += to_json_line(row);
      ++rows_;
    }
  }
  if (resumed_step > 0 && checkpoint_rows_ && rows_ != *checkpoint_rows_) {
    throw Error(
        fmt::format("{} has {} readable rows up to step {}, of {} that were written; restore "
                    "it, or remove the folder to start again",
                    file("metrics.jsonl").string(), rows_, resumed_step, *checkpoint_rows_));
  }
  return kept;
}

void RunFolder::start(std::int64_t resumed_step, Json facts) {
  std::error_code failure;
  fs::create_directories(path_, failure);
  if (failure) {
    throw FileError(fmt::format("cannot make folder {}: {}", path_.string(), failure.message()));
  }
  lock_.emplace(path_);
  require_unchanged();
  if (resumed_step > 0 && !changed_plugins_.empty()) {
    throw Error(
        fmt::format("{} was begun with another build of {}; remove the folder or name "
                    "another with --out",
                    path_.string(), join(changed_plugins_, ", ")));
  }
  const auto kept = kept_metrics(resumed_step);
  write_atomically(file("spec.yaml"), identity_.spec_yaml);
  record_start(resumed_step, facts);
  write_run_json(RunStatus::running);  // before the files by which nobody knows a run
  if (resumed_step == 0) remove_events(path_);
  write_atomically(file("metrics.jsonl"), kept);
  metrics_.emplace(file("metrics.jsonl"));
  tensorboard_.emplace(path_, resumed_step);
}

void RunFolder::record_start(std::int64_t resumed_step, const Json& facts) {
  const auto first_start = record_.contains("started") ? record_["started"] : Json(utc_now());
  record_ = {{"format", 1},
             {"status", ""},
             {"experiment", identity_.experiment},
             {"identity", identity_.hash},
             {"started", first_start},
             {"resumed_at_step", resumed_step}};
  record_.update(facts);
  record_["plugins"] = Json::array();
  for (const auto& [kind, name, library, hash] : identity_.plugins) {
    record_["plugins"].push_back(
        {{"kind", kind}, {"name", name}, {"library", library}, {"sha256", hash}});
  }
  record_["settings"] = Json::object();
  for (const auto& [key, value] : identity_.settings) record_["settings"][key] = value;
}

void RunFolder::append(const MetricsRow& row) {
  metrics_->append(to_json_line(row));
  tensorboard_->write(row);
  ++rows_;
}

void RunFolder::write_checkpoint(TensorFile checkpoint) {
  metrics_->sync();
  checkpoint.metadata[kRowsKey] = std::to_string(rows_);
  write_atomically(file("checkpoint.safetensors"), to_safetensors(checkpoint));
}

void RunFolder::finish(RunStatus status, const Json& facts) {
  metrics_->sync();
  record_["finished"] = utc_now();
  record_.update(facts);
  record_["summary"] = to_json(summarize(metrics()));
  write_run_json(status);
  metrics_.reset();  // a sweep has more runs than a process may have open files
  tensorboard_.reset();
  lock_.reset();
}

void RunFolder::mark_failed(const std::string& reason) {
  fs::create_directories(path_);
  if (!lock_) lock_.emplace(path_);  // it is held where `start` got as far
  require_unchanged();
  if (record_.empty()) record_start(0, Json::object());
  record_["finished"] = utc_now();
  record_["failure"] = reason;
  write_run_json(RunStatus::failed);
  lock_.reset();
}

void RunFolder::retry() {
  if (status_ != RunStatus::failed) return;
  const FolderLock lock(path_);
  require_unchanged();
  if (!changed_plugins_.empty()) {
    fs::remove(file("checkpoint.safetensors"));
    record_["plugins"] = Json::array();
    changed_plugins_.clear();
  }
  record_.erase("failure");
  write_run_json(RunStatus::interrupted);
}

void RunFolder::write_run_json(RunStatus status) {
  status_ = status;
  record_["status"] = to_text(status);
  run_json_ = record_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  write_atomically(file("run.json"), run_json_);
}

}  // namespace groklab
