#pragma once

#include "store/table_writer.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab {

// Nothing if it is not finite.
TableValue number_value(double number);

// Nothing if it is not of this type.
TableValue json_value(const nlohmann::ordered_json& json, ColumnType type);

// Integer if all texts are integers of 64 bits, real if all are finite numbers, both without
// superfluous zeros in front; else text.
ColumnType type_of(const std::vector<std::string>& texts);
TableValue text_value(const std::string& text, ColumnType type);  // `type` is that of it and others

// `names` made different from `taken` and from each other, even where upper and lower case are the
// same: one that is not is given `prefix`, until it is.
std::vector<std::string> distinct_names(std::vector<std::string> names,
                                        const std::vector<Column>& taken,
                                        const std::string& prefix);

}  // namespace groklab
