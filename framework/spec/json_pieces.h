// Parts of a JSON schema (draft-07). Their order is that of the text.
#pragma once

#include <groklab/params.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

using Json = nlohmann::ordered_json;

// What values a parameter takes, and that with its description and default.
Json value_schema(const Field& field);
Json documented(const Field& field);

// A map of the parameters and no other keys.
Json map_schema(const Schema& schema);

// What stands in the document at "definitions/optimizer.adamw" or deeper.
Json reference(std::string_view place);

// The parts of a schema, one after the other; no key is in two of them.
Json joined(Json schema, const Json& more);

// One of several, each a schema; without `anyOf` around a single one.
Json any_of(Json options);

// Of a map: it has this key; it has one of these keys; what its value has to be, if it is there.
Json has(const std::string& key);
Json has_any(const std::vector<std::string>& keys);
Json where(const std::string& key, const Json& value);

// Of anything: it is a map with this key, whose value is as `value` says.
Json is_map_with(const std::string& key, const Json& value);

}  // namespace groklab
