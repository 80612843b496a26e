#pragma once

#include "spec/sweep.h"
#include "store/request.h"

#include <map>
#include <string>
#include <vector>

namespace groklab {

// Path of a setting → its values over the cells of a sweep, each once; "" if a cell lacks it. What
// does not change a run's numbers (its name, its device) is left out.
using SettingValues = std::map<std::string, std::vector<std::string>>;

SettingValues settings_of(const std::vector<Cell>& cells);
SettingValues merged(const SettingValues& a, const SettingValues& b);

// In what a sweep cannot be an extension of the one that is there, a line each: settings of one
// value there, which is none of those now. What varies there already may take other values.
std::string differences(const SettingValues& there, const SettingValues& now);

// The value that all cells have, or "".
std::string only_value(const SettingValues& settings, const std::string& path);

// Figures of a spec as folders keep them.
std::vector<Request> requests_of(const std::vector<Section>& sections);

// The name of a swept key as a column of a table: operation.name for operation.
std::string column_of(const std::string& key);

// A cell's value of each column.
std::vector<std::string> coordinates_of(const Cell& cell, const std::vector<std::string>& columns);

}  // namespace groklab
