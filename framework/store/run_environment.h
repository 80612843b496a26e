#pragma once

#include "store/run_record.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab {

// In what a run's environment differs from the one that run.json recorded before, as far as it can
// change the last bits of numbers: "vector instructions: x86-64-v4 there, x86-64-v3 now". What is
// not recorded is not compared.
std::vector<std::string> environment_changes(const nlohmann::ordered_json& before,
                                             const nlohmann::ordered_json& now);

// The build of groklab and of the plugins that a run was trained with, as JSON in a text.
std::string builds_of(const RunRecord& record);

}  // namespace groklab
