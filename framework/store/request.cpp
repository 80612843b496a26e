#include "store/request.h"

#include <cstdint>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

Value value_of(const JsonField& field) {
  const auto& json = field.json();
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return field.integer();
  if (json.is_number()) return json.get<double>();
  return field.text();
}

}  // namespace

Json to_json(const std::vector<Request>& requests) {
  auto list = Json::array();
  for (const auto& [kind, options] : requests) {
    Json entry{{"kind", kind}};
    for (const auto& [key, value] : options) {
      std::visit([&, &key = key](const auto& known) { entry[key] = known; }, value);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<Request> requests_from_json(const JsonField& list) {
  std::vector<Request> requests;
  for (const auto& entry : list.items()) {
    Request request{entry.at("kind").text(), {}};
    for (const auto& [key, value] : entry.members()) {
      if (key != "kind") request.options[key] = value_of(value);
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace groklab
