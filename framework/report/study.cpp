#include "report/study.h"

#include "base/text.h"
#include "store/measured.h"
#include "store/values.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <groklab/parallel.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Curves curves_of(const std::vector<MetricsRow>& rows) {
  Curves curves;
  for (const auto& row : rows) {
    const auto before = curves.steps.size();
    curves.steps.push_back(static_cast<double>(row.step));
    for (const auto& [name, value] : row.values) {
      auto& column = curves.columns[name];
      column.resize(before, kNaN);
      column.push_back(value);
      if (!std::isfinite(value)) curves.not_finite.insert(name);
    }
  }
  for (auto& [name, column] : curves.columns) column.resize(curves.steps.size(), kNaN);
  return curves;
}

StudyCell read_study_cell(const RunSet& runs, std::size_t index, bool is_at_work) {
  StudyCell cell;
  cell.index = index;
  const auto folder = runs.folder_of(index);
  auto report = read_cell(folder, is_at_work);
  cell.state = report.state;
  cell.reason = std::move(report.reason);
  cell.record = std::move(report.record);
  if (!cell.record) return cell;
  const auto measured = read_measured_rows(folder);
  if (!measured.damage.empty()) {
    cell.state = CellState::damaged;
    cell.reason = measured.damage;
  }
  cell.summary = summarize(measured.rows);
  cell.curves = curves_of(measured.rows);
  return cell;
}

// By their numbers if all are, else as they are met.
std::vector<std::string> ordered(std::vector<std::string> values) {
  if (type_of(values) == ColumnType::text) return values;
  std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
    return std::strtod(a.c_str(), nullptr) < std::strtod(b.c_str(), nullptr);
  });
  return values;
}

// The different values of a key over some cells. Throws Error if none has one.
std::vector<std::string> values_of(const Study& study, const std::vector<const StudyCell*>& cells,
                                   const std::string& key) {
  std::vector<std::string> values;
  for (const auto* cell : cells) {
    const auto value = study.setting(*cell, key);
    if (value && std::find(values.begin(), values.end(), *value) == values.end()) {
      values.push_back(*value);
    }
  }
  if (values.empty()) {
    throw Error(
        fmt::format("no cell has a setting '{}'{}", key, suggestion(key, study.plan().keys)));
  }
  return ordered(values);
}

// "key=value" pairs between commas.
std::vector<std::pair<std::string, std::string>> conditions(const std::string& where) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& pair : split(where, ',')) {
    const auto sign = pair.find('=');
    if (sign == std::string::npos || sign == 0) {
      throw Error(fmt::format("where: expected key=value, found '{}'", pair));
    }
    pairs.emplace_back(pair.substr(0, sign), pair.substr(sign + 1));
  }
  return pairs;
}

bool has_one_of(const Study& study, const StudyCell& cell, const std::string& key,
                const std::vector<std::string>& values) {
  const auto text = study.setting(cell, key);
  if (!text) return false;
  const auto number = parse_number(*text);
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
    return value == *text || (number && parse_number(value) == number);
  });
}

}  // namespace

const std::vector<double>* Curves::find(const std::string& name) const {
  const auto found = columns.find(name);
  return found == columns.end() ? nullptr : &found->second;
}

std::optional<std::string> Study::setting(const StudyCell& cell, const std::string& path) const {
  const auto key = std::find(plan().keys.begin(), plan().keys.end(), path);
  if (key != plan().keys.end()) return planned(cell).coordinates[key - plan().keys.begin()];
  if (cell.record) {
    const auto& settings = cell.record->json.at("settings");
    const auto found = settings.find(path);
    if (found != settings.end()) return found->get<std::string>();
  }
  const auto found = plan().settings.find(path);
  if (found == plan().settings.end() || found->second.size() != 1) return std::nullopt;
  return found->second.front();
}

std::optional<double> Study::number(const StudyCell& cell, const std::string& path) const {
  const auto text = setting(cell, path);
  return text ? parse_number(*text) : std::nullopt;
}

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::vector<std::string> Study::varied_keys() const {
  std::vector<std::string> keys;
  for (const auto& key : plan().keys) {
    if (!is_seed(key)) keys.push_back(key);
  }
  return keys;
}

Study read_study(const std::filesystem::path& path) {
  Study study{read_run_set(path), {}};
  const auto at_work = cells_at_work(study.runs);
  study.cells.resize(study.plan().cells.size());
  parallel_for(static_cast<std::int64_t>(study.cells.size()), [&](std::int64_t i) {
    study.cells[i] = read_study_cell(study.runs, i, at_work.contains(i));
  });
  return study;
}

std::vector<const StudyCell*> cells_where(const Study& study, const std::string& where) {
  const auto wanted = conditions(where);
  std::vector<const StudyCell*> cells;
  for (const auto& cell : study.cells) {
    const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const auto& condition) {
      return has_one_of(study, cell, condition.first, split(condition.second, '|'));
    });
    if (fits) cells.push_back(&cell);
  }
  return cells;
}

std::vector<std::string> differing_keys(const Study& study,
                                        const std::vector<std::vector<const StudyCell*>>& groups) {
  std::vector<std::string> keys;
  for (const auto& key : study.plan().keys) {
    const bool differs = std::any_of(groups.begin(), groups.end(), [&](const auto& cells) {
      return std::any_of(cells.begin(), cells.end(), [&](const StudyCell* cell) {
        return study.setting(*cell, key) != study.setting(*cells.front(), key);
      });
    });
    if (differs) keys.push_back(key);
  }
  return keys;
}

std::vector<std::string> pooled_keys(const Study& study,
                                     const std::vector<std::vector<const StudyCell*>>& groups,
                                     const std::vector<std::string>& allowed) {
  auto keys = differing_keys(study, groups);
  std::erase_if(keys, [&](const std::string& key) {
    return is_seed(key) || std::find(allowed.begin(), allowed.end(), key) != allowed.end();
  });
  return keys;
}

std::string seed_of(const Study& study, const StudyCell& cell) {
  std::vector<std::string> seeds;
  for (const auto& key : study.plan().keys) {
    if (is_seed(key)) seeds.push_back(study.setting(cell, key).value_or(""));
  }
  return join(seeds, " ");
}

bool is_seed(const std::string& key) { return key == "seed" || key.starts_with("seed."); }

std::vector<CellGroup> group_by(const Study& study, const std::vector<const StudyCell*>& cells,
                                const std::vector<std::string>& keys) {
  std::vector<CellGroup> groups{{{}, "", cells}};
  for (const auto& key : keys) {
    const auto values = values_of(study, cells, key);
    std::vector<CellGroup> finer;
    for (const auto& group : groups) {
      for (const auto& value : values) {
        CellGroup part{group.values, "", {}};
        part.values.push_back(value);
        for (const auto* cell : group.cells) {
          if (study.setting(*cell, key) == value) part.cells.push_back(cell);
        }
        if (!part.cells.empty()) finer.push_back(std::move(part));
      }
    }
    groups = std::move(finer);
  }
  for (auto& group : groups) group.label = keys.empty() ? "all" : join(group.values, ", ");
  return groups;
}

}  // namespace groklab
