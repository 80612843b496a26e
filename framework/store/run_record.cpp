#include "store/run_record.h"

#include "base/files.h"
#include "store/request.h"
#include "store/used_plugin.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <array>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array kStatusNames{
    std::pair{RunStatus::running, "running"}, std::pair{RunStatus::interrupted, "interrupted"},
    std::pair{RunStatus::done, "done"}, std::pair{RunStatus::diverged, "diverged"},
    std::pair{RunStatus::failed, "failed"}};

RunStatus status_of(const std::string& name) {
  for (const auto& [status, text] : kStatusNames) {
    if (name == text) return status;
  }
  throw Error(fmt::format("unknown status '{}'", name));
}

// Throws an exception of the JSON library where something that every run records is missing, or is
// of another type, as may be what only some record.
void require_what_every_run_records(const Json& json) {
  json.at("identity").get_ref<const std::string&>();
  for (const auto& [key, value] : json.at("settings").get_ref<const Json::object_t&>()) {
    value.get_ref<const std::string&>();
  }
  for (const auto* key : {"experiment", "started", "groklab"}) {
    if (json.contains(key)) json.at(key).get_ref<const std::string&>();
  }
  json.value("build", "");
  for (const auto& warning : json.value("warnings", Json::array())) {
    warning.get_ref<const std::string&>();
  }
  json.value("session_seconds", 0.0);
  for (const auto* key : {"figures", "expectations"}) {
    requests_from_json(json.value(key, Json::array()));
  }
  for (const auto& plugin : json.at("plugins").get_ref<const Json::array_t&>()) {
    used_plugin_from_json(plugin);
  }
}

}  // namespace

std::string to_text(RunStatus status) {
  for (const auto& [known, text] : kStatusNames) {
    if (status == known) return text;
  }
  throw std::logic_error("unknown status");
}

std::optional<RunRecord> read_run_record(const fs::path& run_folder) {
  const auto file = run_folder / "run.json";
  std::error_code failure;
  if (!fs::exists(file, failure) && !failure) return std::nullopt;
  auto text = read_file(file);  // says why, where even looking failed
  const auto damaged = [&](const char* reason) {
    return Error(fmt::format("{} is damaged ({}); remove the folder to start the run again",
                             file.string(), reason));
  };
  try {
    auto json = Json::parse(text);
    const auto status = status_of(json.at("status"));
    require_what_every_run_records(json);
    return RunRecord{status, std::move(json), std::move(text)};
  } catch (const nlohmann::json::exception& error) {
    throw damaged(error.what());
  } catch (const Error& error) {
    throw damaged(error.what());
  }
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

}  // namespace groklab
