#include "store/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array kStatusNames{
    std::pair{RunStatus::running, "running"}, std::pair{RunStatus::interrupted, "interrupted"},
    std::pair{RunStatus::done, "done"}, std::pair{RunStatus::diverged, "diverged"},
    std::pair{RunStatus::failed, "failed"}};

std::optional<RunStatus> status_of(const std::string& name) {
  for (const auto& [status, text] : kStatusNames) {
    if (name == text) return status;
  }
  return std::nullopt;
}

std::string time_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

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

std::string to_text(RunStatus status) {
  for (const auto& [known, text] : kStatusNames) {
    if (status == known) return text;
  }
  throw std::logic_error("unknown status");
}

Json to_json(const Summary& summary) {
  const auto optional = [](const std::optional<std::int64_t>& step) {
    return step ? Json(*step) : Json(nullptr);
  };
  return {{"steps", summary.steps},
          {"train_accuracy", summary.train_accuracy},
          {"val_accuracy", summary.val_accuracy},
          {"best_val_accuracy", summary.best_val_accuracy},
          {"train_loss", summary.train_loss},
          {"val_loss", summary.val_loss},
          {"steps_to_memorize", optional(summary.steps_to_memorize)},
          {"steps_to_generalize", optional(summary.steps_to_generalize)},
          {"sustained_steps_to_memorize", optional(summary.sustained_memorize)},
          {"sustained_steps_to_generalize", optional(summary.sustained_generalize)}};
}

RunFolder::RunFolder(fs::path path, RunIdentity identity)
    : path_(std::move(path)), identity_(std::move(identity)) {
  if (fs::exists(file("run.json"))) {
    read_existing(read_file(file("run.json")));
  } else if (fs::exists(path_) && !fs::is_directory(path_)) {
    throw Error(fmt::format("{} is a file; name another folder with --out", path_.string()));
  } else if (fs::exists(path_) && !only_a_started_run(path_)) {
    throw Error(fmt::format("{} holds other files and no run; name another folder with --out",
                            path_.string()));
  }
}

void RunFolder::read_existing(const std::string& run_json) {
  try {
    record_ = Json::parse(run_json);
    status_ = status_of(record_.at("status"));
    if (!status_) {
      throw Error(fmt::format("{} is damaged: unknown status '{}'", file("run.json").string(),
                              record_["status"].get<std::string>()));
    }
    if (record_.at("identity") == identity_.hash) return;
    throw Error(fmt::format(
        "{} holds a run of another spec; name another folder with --out, or remove it:{}",
        path_.string(), differences(record_.at("settings"), identity_.settings)));
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("{} is damaged: {}", file("run.json").string(), error.what()));
  }
}

std::vector<MetricsRow> RunFolder::metrics() const {
  if (!fs::exists(file("metrics.jsonl"))) return {};
  return read_metrics(file("metrics.jsonl"));
}

std::optional<TensorFile> RunFolder::checkpoint() const {
  const auto name = file("checkpoint.safetensors");
  if (!status_ || !fs::exists(name)) return std::nullopt;
  try {
    return from_safetensors(read_file(name));
  } catch (const Error& error) {
    throw Error(
        fmt::format("{}: {}; remove it to start the run again", name.string(), error.what()));
  }
}

void RunFolder::start(std::int64_t resumed_step, Json facts) {
  std::error_code failure;
  fs::create_directories(path_, failure);
  if (failure) {
    throw Error(fmt::format("cannot make folder {}: {}", path_.string(), failure.message()));
  }
  lock_.emplace(path_);
  write_atomically(file("spec.yaml"), identity_.spec_yaml);

  const auto first_start = record_.contains("started") ? record_["started"] : Json(time_now());
  record_ = {{"format", 1},
             {"status", ""},
             {"experiment", identity_.experiment},
             {"identity", identity_.hash},
             {"started", first_start},
             {"resumed_at_step", resumed_step}};
  record_.update(facts);
  record_["settings"] = Json::object();
  for (const auto& [key, value] : identity_.settings) record_["settings"][key] = value;
  write_run_json(RunStatus::running);  // before the files by which nobody knows a run

  std::string kept;
  for (const auto& row : resumed_step > 0 ? metrics() : std::vector<MetricsRow>{}) {
    if (row.step <= resumed_step) kept += to_json_line(row);
  }
  write_atomically(file("metrics.jsonl"), kept);
  metrics_.emplace(file("metrics.jsonl"));
  tensorboard_.emplace(path_, resumed_step);
}

void RunFolder::append(const MetricsRow& row) {
  metrics_->append(to_json_line(row));
  tensorboard_->write(row);
}

void RunFolder::write_checkpoint(const TensorFile& checkpoint) {
  metrics_->sync();
  write_atomically(file("checkpoint.safetensors"), to_safetensors(checkpoint));
}

void RunFolder::finish(RunStatus status, const Json& facts) {
  metrics_->sync();
  record_["finished"] = time_now();
  record_.update(facts);
  record_["summary"] = to_json(summarize(metrics()));
  write_run_json(status);
}

void RunFolder::write_run_json(RunStatus status) {
  status_ = status;
  record_["status"] = to_text(status);
  write_atomically(file("run.json"), record_.dump(2) + "\n");
}

}  // namespace groklab
