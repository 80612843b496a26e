#pragma once

#include "store/json_field.h"

#include <groklab/params.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab {

// What a spec asks of a report: a figure of some kind, or that a statistic be within bounds.
struct Request {
  std::string kind;                      // of figure; the statistic
  std::map<std::string, Value> options;  // others have their defaults

  bool operator==(const Request&) const = default;
};

// A list of {"kind": …, option: value, …}. Throws Error if the JSON is not one.
nlohmann::ordered_json to_json(const std::vector<Request>& requests);
std::vector<Request> requests_from_json(const JsonField& list);

}  // namespace groklab
