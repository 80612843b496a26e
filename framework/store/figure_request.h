#pragma once

#include <groklab/params.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab {

// A figure that a spec asks for.
struct FigureRequest {
  std::string kind;
  std::map<std::string, Value> options;  // others have their defaults

  bool operator==(const FigureRequest&) const = default;
};

// A list of {"kind": …, option: value, …}. From what is none, nlohmann::json::exception.
nlohmann::ordered_json to_json(const std::vector<FigureRequest>& figures);
std::vector<FigureRequest> figures_from_json(const nlohmann::ordered_json& json);

}  // namespace groklab
