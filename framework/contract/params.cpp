#include <groklab/params.h>

#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace groklab {
namespace {

std::string number_text(double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return {buffer, end};
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

[[noreturn]] void reject_type(std::string_view name) {
  throw std::logic_error("the plugin reads '" + std::string(name) +
                         "' as another type than its schema declares");
}

}  // namespace

std::string to_text(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  std::string text = number_text(std::get<double>(value));
  return text.find_first_of(".enia") == std::string::npos ? text + ".0" : text;
}

bool Range::contains(double number) const {
  const bool above = includes_low ? number >= low : number > low;
  const bool below = includes_high ? number <= high : number < high;
  return above && below;
}

std::string Range::text() const {
  const bool open_ended = std::isinf(high);
  if (std::isinf(low) && open_ended) return "a finite number";
  if (open_ended) return (includes_low ? "≥ " : "> ") + number_text(low);
  return std::string("in ") + (includes_low ? "[" : "(") + number_text(low) + ", " +
         number_text(high) + (includes_high ? "]" : ")");
}

std::string Field::type_name() const {
  switch (type) {
    case Type::flag:
      return "true or false";
    case Type::integer:
      return "integer";
    case Type::real:
      return "real";
    case Type::text:
      return "text";
    case Type::choice:
      return "one of " + join(choices);
    case Type::integer_or_choice:
      return "one of " + join(choices) + " or an integer";
    case Type::path:
      return "path of a file";
  }
  throw std::logic_error("unknown field type");
}

Schema& Schema::add(Field field) {
  if (find(field.name) != nullptr) {
    throw std::logic_error("schema declares '" + field.name + "' twice");
  }
  fields_.push_back(std::move(field));
  return *this;
}

Schema& Schema::real(std::string name, double default_value, std::string help, Range range) {
  return add({std::move(name), Field::Type::real, default_value, std::move(help), range, {}});
}

Schema& Schema::integer(std::string name, std::int64_t default_value, std::string help,
                        Range range) {
  return add({std::move(name), Field::Type::integer, default_value, std::move(help), range, {}});
}

Schema& Schema::flag(std::string name, bool default_value, std::string help) {
  return add({std::move(name), Field::Type::flag, default_value, std::move(help), any_number, {}});
}

Schema& Schema::text(std::string name, std::string default_value, std::string help) {
  return add({std::move(name),
              Field::Type::text,
              std::move(default_value),
              std::move(help),
              any_number,
              {}});
}

Schema& Schema::choice(std::string name, std::string default_value, std::string help,
                       std::vector<std::string> choices) {
  return add({std::move(name), Field::Type::choice, std::move(default_value), std::move(help),
              any_number, std::move(choices)});
}

Schema& Schema::integer_or_choice(std::string name, Value default_value, std::string help,
                                  std::vector<std::string> choices, Range range) {
  return add({std::move(name), Field::Type::integer_or_choice, std::move(default_value),
              std::move(help), range, std::move(choices)});
}

Schema& Schema::path(std::string name, std::string help) {
  add({std::move(name), Field::Type::path, std::string(), std::move(help), any_number, {}});
  return required();
}

Schema& Schema::per_replica() {
  if (fields_.empty() || fields_.back().type != Field::Type::real) {
    throw std::logic_error("per_replica() follows a real parameter");
  }
  fields_.back().per_replica = true;
  return *this;
}

Schema& Schema::required() {
  if (fields_.empty()) throw std::logic_error("required() follows a parameter");
  fields_.back().required = true;
  return *this;
}

const Field* Schema::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

Params::Params(std::size_t replicas, std::map<std::string, std::vector<Value>, std::less<>> values)
    : replicas_(replicas), values_(std::move(values)) {
  for (const auto& [name, list] : values_) {
    if (list.size() != 1 && list.size() != replicas) {
      throw std::logic_error("parameter '" + name + "' has neither one value nor one per replica");
    }
  }
}

Params Params::from_defaults(const Schema& schema, const std::map<std::string, Value>& values) {
  std::map<std::string, std::vector<Value>, std::less<>> all;
  for (const auto& field : schema.fields()) {
    const auto given = values.find(field.name);
    all[field.name] = {given == values.end() ? field.default_value : given->second};
  }
  for (const auto& [name, value] : values) {
    if (schema.find(name) == nullptr) throw std::logic_error("no parameter '" + name + "'");
  }
  return Params(1, std::move(all));
}

const std::vector<Value>& Params::values_of(std::string_view name) const {
  const auto entry = values_.find(name);
  if (entry == values_.end()) {
    throw std::logic_error("the plugin reads '" + std::string(name) +
                           "', which its schema does not declare");
  }
  return entry->second;
}

template <class T>
const T& Params::single(std::string_view name) const {
  const auto& values = values_of(name);
  const T* value = std::get_if<T>(&values.front());
  if (values.size() != 1 || value == nullptr) reject_type(name);
  return *value;
}

bool Params::flag(std::string_view name) const { return single<bool>(name); }
std::int64_t Params::integer(std::string_view name) const { return single<std::int64_t>(name); }
double Params::real(std::string_view name) const { return single<double>(name); }
const std::string& Params::text(std::string_view name) const { return single<std::string>(name); }

std::vector<double> Params::per_replica(std::string_view name) const {
  const auto& values = values_of(name);
  std::vector<double> reals;
  for (std::size_t replica = 0; replica < replicas_; ++replica) {
    const auto* value = std::get_if<double>(&values[values.size() == 1 ? 0 : replica]);
    if (value == nullptr) reject_type(name);
    reals.push_back(*value);
  }
  return reals;
}

}  // namespace groklab
