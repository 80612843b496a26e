#include "store/run_record.h"

#include "base/files.h"
#include "store/json_field.h"
#include "store/request.h"
#include "store/run_result.h"
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

// Throws Error where something that every run records is missing, or something that is read later
// is of another type.
RunStatus checked_status(const JsonField& run) {
  run.at("identity").text();
  for (const auto& [key, value] : run.at("settings").members()) value.text();
  for (const auto* key : {"experiment", "started", "groklab", "failure", "build"}) {
    if (const auto text = run.find(key)) text->text();
  }
  if (const auto warnings = run.find("warnings")) warnings->texts();
  if (const auto seconds = run.find("session_seconds")) seconds->number();
  for (const auto* key : {"figures", "expectations"}) {
    if (const auto requests = run.find(key)) requests_from_json(*requests);
  }
  for (const auto& plugin : run.at("plugins").items()) used_plugin_from_json(plugin);
  recorded_summary(run);
  recorded_stop(run);
  return status_of(run.at("status").text());
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
  try {
    auto json = parse_json(text);
    const auto status = checked_status(JsonField(json));
    return RunRecord{status, std::move(json), std::move(text)};
  } catch (const Error& error) {
    throw Error(fmt::format("{} is damaged ({}); remove the folder to start the run again",
                            file.string(), error.what()));
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
