#include "store/figure_request.h"

#include <cstdint>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

Value value_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

}  // namespace

Json to_json(const std::vector<FigureRequest>& figures) {
  auto list = Json::array();
  for (const auto& [kind, options] : figures) {
    Json figure{{"kind", kind}};
    for (const auto& [key, value] : options) {
      std::visit([&, &key = key](const auto& known) { figure[key] = known; }, value);
    }
    list.push_back(std::move(figure));
  }
  return list;
}

std::vector<FigureRequest> figures_from_json(const Json& json) {
  std::vector<FigureRequest> figures;
  for (const auto& entry : json) {
    FigureRequest figure{entry.at("kind"), {}};
    for (const auto& [key, value] : entry.items()) {
      if (key != "kind") figure.options[key] = value_of(value);
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace groklab
