#include "app/inspect_report.h"

#include "app/summary_table.h"
#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <utility>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::pair<std::string, std::string>>;

// Sections of a spec that the text shows.
constexpr std::array kShownSections{"operation", "data",         "model",  "loss",
                                    "optimizer", "regularizers", "probes", "seed"};

// "adamw, learning_rate 0.01, beta1 0.9": the settings of a section, the plugin's name alone.
std::string section_text(const Json& settings, const std::string& section) {
  std::vector<std::string> words;
  for (const auto& [path, value] : settings.items()) {
    if (!path.starts_with(section + ".")) continue;
    const auto key = path.substr(section.size() + 1);
    const auto text = value.get<std::string>();
    const bool is_name = key == "name" || key.ends_with(".name");  // regularizers.0.name
    words.push_back(is_name ? text : fmt::format("{} {}", key, text));
  }
  return join(words, ", ");
}

void add_run_lines(const RunRecord& record, Lines& lines) {
  lines.emplace_back("experiment", record.json.value("experiment", ""));
  const auto& settings = record.json["settings"];
  for (const auto* section : kShownSections) {
    auto text = section_text(settings, section);
    if (!text.empty()) lines.emplace_back(section, std::move(text));
  }
}

std::string step_text(const FoundCheckpoint& checkpoint) {
  auto text = std::to_string(*checkpoint.step());
  if (!checkpoint.record) return text;
  const auto& settings = checkpoint.record->json["settings"];
  return fmt::format("{} of {}", text, settings.value("training.steps", "?"));
}

std::string wholeness_text(const FoundCheckpoint& checkpoint) {
  return checkpoint.has_hash() ? "whole: its bytes have the hash that it records"
                               : "not known to be whole: it records no hash";
}

std::string heading(const FoundCheckpoint& checkpoint) {
  Lines lines{{"file", checkpoint.file.string()}, {"state", wholeness_text(checkpoint)}};
  if (!checkpoint.is_of_groklab()) {
    lines.emplace_back("origin", "no checkpoint of groklab: it has no step and hash of one");
    return two_columns(lines);
  }
  lines.emplace_back("step", step_text(checkpoint));
  if (checkpoint.record) {
    lines.emplace_back("run", fmt::format("{} ({})", checkpoint.folder().string(),
                                          to_text(checkpoint.record->status)));
    add_run_lines(*checkpoint.record, lines);
  } else {
    lines.emplace_back("run", "not known: there is no run.json beside it that can be read");
  }
  return two_columns(lines);
}

std::string number_text(double number) {
  return std::isnan(number) ? "-" : fmt::format("{:.5g}", number);
}

std::vector<std::string> tensor_row(const ListedTensor& tensor, bool shows_not_finite) {
  const auto& [count, zeros, not_finite, norm, min, max] = tensor.statistics;
  std::vector<std::string> row{tensor.name,
                               tensor.dtype,
                               fmt::format("[{}]", fmt::join(tensor.shape, ", ")),
                               number_text(norm),
                               number_text(min),
                               number_text(max),
                               number_text(tensor.statistics.zero_share())};
  if (shows_not_finite) row.push_back(std::to_string(not_finite));
  return row;
}

std::string group_text(const TensorGroup& group) {
  const auto total = group.total();
  const bool shows_not_finite = total.not_finite > 0;
  std::vector<std::vector<std::string>> rows{
      {"name", "dtype", "shape", "norm", "min", "max", "zeros"}};
  if (shows_not_finite) rows.front().emplace_back("not finite");
  for (const auto& tensor : group.tensors) rows.push_back(tensor_row(tensor, shows_not_finite));
  return fmt::format("\n{}: {} numbers, norm {}\n{}", group.title, total.count,
                     number_text(total.norm), columns_text(rows, 3));
}

Json statistics_json(const TensorStatistics& statistics) {
  return {{"numbers", statistics.count}, {"norm", statistics.norm},
          {"min", statistics.min},       {"max", statistics.max},
          {"zeros", statistics.zeros},   {"not_finite", statistics.not_finite}};
}

Json group_json(const TensorGroup& group) {
  Json json{{"name", group.name}};
  json.update(statistics_json(group.total()));
  json["tensors"] = Json::array();
  for (const auto& tensor : group.tensors) {
    Json one{{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}};
    one.update(statistics_json(tensor.statistics));
    json["tensors"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

std::string checkpoint_text(const FoundCheckpoint& checkpoint,
                            const std::vector<TensorGroup>& groups) {
  auto text = heading(checkpoint);
  for (const auto& group : groups) text += group_text(group);
  return text;
}

Json checkpoint_json(const FoundCheckpoint& checkpoint, const std::vector<TensorGroup>& groups) {
  const auto step = checkpoint.step();
  Json json{{"file", checkpoint.file.string()},
            {"has_hash", checkpoint.has_hash()},
            {"is_of_groklab", checkpoint.is_of_groklab()},
            {"step", step ? Json(*step) : Json(nullptr)},
            {"experiment", nullptr},
            {"status", nullptr},
            {"settings", nullptr}};
  if (checkpoint.record) {
    json["experiment"] = checkpoint.record->json.value("experiment", "");
    json["status"] = to_text(checkpoint.record->status);
    json["settings"] = checkpoint.record->json["settings"];
  }
  json["groups"] = Json::array();
  for (const auto& group : groups) json["groups"].push_back(group_json(group));
  return json;
}

}  // namespace groklab
