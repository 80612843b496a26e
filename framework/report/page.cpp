#include "report/page.h"

#include "base/files.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/version.h"
#include "report/plotly.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <charconv>
#include <cmath>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

// In the order in which they are put together.
constexpr std::array kScripts{"theme.js", "charts.js", "filter.js",
                              "table.js", "cell.js",   "page.js"};

// Integers up to here are numbers in JavaScript as they are.
constexpr std::int64_t kLargestInteger = 1LL << 53;

struct JsonValue {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(std::int64_t value) const {
    if (std::abs(value) > kLargestInteger) return std::to_string(value);
    return value;
  }
  Json operator()(double value) const { return std::isfinite(value) ? Json(value) : Json(); }
  Json operator()(const std::string& value) const { return value; }
};

// To six digits, which no screen shows more of: curves are most of a page.
Json rounded(const std::vector<double>& values) {
  auto json = Json::array();
  for (const double value : values) {
    if (!std::isfinite(value)) {
      json.push_back(nullptr);
      continue;
    }
    const auto text = fmt::format("{:.6g}", value);
    double short_value = value;
    std::from_chars(text.data(), text.data() + text.size(), short_value);
    json.push_back(short_value);
  }
  return json;
}

Json pairs(const std::vector<std::pair<std::string, std::string>>& list) {
  auto json = Json::array();
  for (const auto& [name, value] : list) json.push_back({name, value});
  return json;
}

Json figure_data(const PageFigure& part) {
  const auto& figure = part.figure;
  Json json{{"name", figure.name},
            {"title", figure.title},
            {"caption", figure.caption},
            {"description", figure.description}};
  if (figure.panels.empty()) {
    json["problem"] = part.problem;
  } else {
    json["plotly"] = to_plotly(figure);
  }
  return json;
}

Json finding_data(const Finding& finding) {
  return {{"claim", finding.claim},
          {"verdict", to_text(finding.verdict)},
          {"statistic", finding.statistic},
          {"numbers", finding.numbers()},
          {"reason", finding.reason}};
}

Json row_data(const PageRow& row) {
  auto values = Json::array();
  for (const auto& value : row.values) values.push_back(std::visit(JsonValue{}, value));
  Json json{{"id", row.id}, {"values", std::move(values)}};
  if (row.curve.steps.empty()) return json;
  auto columns = Json::array();
  for (const auto& [name, column] : row.curve.columns) {
    columns.push_back(Json::array({name, rounded(column)}));
  }
  json["curve"] = {{"steps", rounded(row.curve.steps)}, {"columns", std::move(columns)}};
  return json;
}

Json column_data(const Column& column) {
  return {{"name", column.name}, {"is_number", column.type != ColumnType::text}};
}

// JSON that does not end a <script> element, whatever the texts in it, nor a line of JavaScript.
std::string inert(const std::string& json) {
  std::string result;
  result.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto three = std::string_view(json).substr(i, 3);
    if (json[i] == '<' || json[i] == '>' || json[i] == '&') {
      result += fmt::format("\\u{:04x}", json[i]);
    } else if (three == "\u2028" || three == "\u2029") {
      result += three == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      result += json[i];
    }
  }
  return result;
}

std::string read_scripts(const std::filesystem::path& folder) {
  std::string text = "'use strict';\n";
  for (const auto* file : kScripts) text += read_file(folder / file);
  return text;
}

// The scripts by their hashes and no others; nothing is loaded, and nobody is asked but, where the
// page is live, who served it.
std::string policy(const std::string& script, const std::string& plotly, bool is_live) {
  return fmt::format(
      "default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; style-src 'unsafe-inline'; "
      "img-src data: blob:; connect-src {}; base-uri 'none'; form-action 'none'",
      sha256_base64(script), sha256_base64(plotly), is_live ? "'self'" : "'none'");
}

}  // namespace

std::string page_data(const Page& page) {
  Json json{{"title", page.title},
            {"claim", page.claim},
            {"verdict", page.verdict},
            {"is_live", page.is_live},
            {"palette", kPalette},
            {"findings", Json::array()},
            {"figures", Json::array()},
            {"columns", Json::array()},
            {"rows", Json::array()},
            {"provenance", pairs(page.provenance)},
            {"failures", pairs(page.failures)}};
  json["val_colour"] = kPalette[kValColour];
  json["train_colour"] = kPalette[kTrainColour];
  for (const auto& finding : page.findings) json["findings"].push_back(finding_data(finding));
  for (const auto& figure : page.figures) json["figures"].push_back(figure_data(figure));
  for (const auto& column : page.columns) json["columns"].push_back(column_data(column));
  for (const auto& row : page.rows) json["rows"].push_back(row_data(row));
  return inert(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string to_html(const Page& page, const std::filesystem::path& share) {
  const auto bundle = share / "plotly.min.js";
  if (!path_exists(bundle)) {
    throw Error(
        fmt::format("there is no {}, which draws the figures; run scripts/setup, and build "
                    "or install groklab again",
                    bundle.string()));
  }
  const auto plotly = read_file(bundle), script = read_scripts(share / "page");
  return filled(read_file(share / "page/page.html"),
                {{"policy", policy(script, plotly, page.is_live)},
                 {"version", kVersion},
                 {"title", escape_markup(page.title)},
                 {"style", read_file(share / "page/page.css")},
                 {"script", script},
                 {"data", page_data(page)},
                 {"plotly", plotly}});
}

}  // namespace groklab
