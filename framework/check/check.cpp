#include "check/check.h"

#include "base/text.h"
#include "check/samples.h"
#include "check/subject.h"

#include <groklab/plugin.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

namespace groklab {
namespace {

double as_real(const Value& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value);
}

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Another value of a real parameter for each replica, near the default and in its range.
Value for_replica(const Field& field, const Value& value, std::size_t replica) {
  const auto* real = std::get_if<double>(&value);
  if (real == nullptr || replica == 0) return value;
  const auto number = static_cast<double>(replica);
  for (const double other : {*real == 0 ? 0.05 * number : *real * (1 + 0.25 * number),
                             *real * (1 - 0.25 * number), *real + 0.25 * number}) {
    if (field.range.contains(other)) return other;
  }
  return value;
}

void check_field(const Field& field) {
  const auto fail = [&](const std::string& found) {
    throw Error(fmt::format("parameter '{}': {}", field.name, found));
  };
  const bool snake_case = std::all_of(field.name.begin(), field.name.end(), [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '_';
  });
  if (field.name.empty() || !snake_case) fail("its name is not of the form some_name");
  if (field.help.empty()) fail("it has no help text");
  if (field.required) return;
  const auto& value = field.default_value;
  if (is_number(value) && !field.range.contains(as_real(value))) {
    fail(fmt::format("its default {} is not {}", to_text(value), field.range.text()));
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && !field.choices.empty() && !contains(field.choices, *text)) {
    fail(fmt::format("its default '{}' is none of {}", *text, join(field.choices, ", ")));
  }
}

// Those that the CPU hands one replica after another cannot know which one it is.
bool may_differ_by_replica(const std::string& kind) {
  return kind == "optimizer" || kind == "regularizer";
}

void check_schema(const Subject& subject) {
  const std::string kind = subject.library().descriptor->kind;
  for (const auto& field : subject.schema().fields()) {
    check_field(field);
    require(!field.per_replica || may_differ_by_replica(kind),
            fmt::format("parameter '{}': it is marked per-replica, which only optimizers and "
                        "regularizers can be",
                        field.name));
  }
}

// The last numbers that a range lets through.
std::vector<Value> edges(const Field& field) {
  std::vector<Value> values;
  const auto& range = field.range;
  const bool whole = field.type != Field::Type::real;
  for (const bool low : {true, false}) {
    auto edge = low ? range.low : range.high;
    if (!std::isfinite(edge)) edge = low ? -1e9 : 1e9;
    if (!range.contains(edge)) {
      const auto inside = low ? kInfinity : -kInfinity;
      edge = whole ? edge + (low ? 1 : -1) : std::nextafter(edge, inside);
    }
    if (!range.contains(edge)) continue;
    if (whole) {
      values.emplace_back(static_cast<std::int64_t>(edge));
    } else {
      values.emplace_back(edge);
    }
  }
  return values;
}

std::vector<Value> extreme_values(const Field& field) {
  std::vector<Value> values;
  for (const auto& choice : field.choices) values.emplace_back(choice);
  switch (field.type) {
    case Field::Type::flag:
      for (const bool flag : {true, false}) values.emplace_back(flag);
      break;
    case Field::Type::text:
    case Field::Type::path:
      for (const char* text : {"", "((((((((", "\xff\n%s"}) values.emplace_back(std::string(text));
      break;
    case Field::Type::choice:
      break;
    case Field::Type::integer:
    case Field::Type::real:
    case Field::Type::integer_or_choice:
      for (const auto& edge : edges(field)) values.push_back(edge);
  }
  return values;
}

// What a schema lets through is taken, or refused with words; a crash is neither.
void check_extremes(const Subject& subject) {
  for (const auto& field : subject.schema().fields()) {
    for (const auto& value : extreme_values(field)) {
      try {
        subject.make_any({0}, {{field.name, value}});
      } catch (const Error& refusal) {
        require(*refusal.what() != '\0',
                fmt::format("{} = {} is refused without a word", field.name, to_text(value)));
      }
    }
  }
}

// What a test throws becomes an Error, whatever it is.
std::function<void()> with_errors(std::function<void()> test) {
  return [test = std::move(test)] {
    try {
      test();
    } catch (const NotTried&) {
      throw;
    } catch (const std::exception& error) {
      throw Error(message_of(error));
    } catch (...) {
      throw Error("it throws what is not a std::exception");
    }
  };
}

using KindChecks = std::vector<Check> (*)(const Subject&);
constexpr std::array<std::pair<const char*, KindChecks>, 7> kKindChecks{
    {{"operation", operation_checks},
     {"model", model_checks},
     {"loss", loss_checks},
     {"optimizer", optimizer_checks},
     {"regularizer", regularizer_checks},
     {"probe", probe_checks},
     {"backend", backend_checks}}};

}  // namespace

Subject::Subject(const Library& library, std::map<std::string, Value> given)
    : library_(library), schema_(schema_of(library)), given_(std::move(given)) {
  for (const auto& [name, value] : given_) {
    if (schema_.find(name) == nullptr) throw Error("it has no parameter '" + name + "'");
  }
  for (const auto& field : schema_.fields()) {
    if (!field.required || given_.contains(field.name)) continue;
    throw Error(
        fmt::format("its parameter {} has no default; give one: {}=…", field.name, field.name));
  }
}

Params Subject::params(const std::vector<std::size_t>& replicas,
                       const std::map<std::string, Value>& values) const {
  std::map<std::string, std::vector<Value>, std::less<>> all;
  for (const auto& field : schema_.fields()) {
    const auto forced = values.find(field.name), own = given_.find(field.name);
    if (forced != values.end()) {
      all[field.name] = {forced->second};
      continue;
    }
    const auto& value = own != given_.end() ? own->second : field.default_value;
    if (!field.per_replica) {
      all[field.name] = {value};
      continue;
    }
    for (const auto replica : replicas) {
      all[field.name].push_back(for_replica(field, value, replica));
    }
  }
  return Params(replicas.size(), std::move(all));
}

std::vector<Check> checks_of(const Library& library, const std::map<std::string, Value>& given) {
  const auto subject = std::make_shared<const Subject>(library, given);
  std::vector<Check> checks{
      {"declares each parameter soundly", [subject] { check_schema(*subject); }},
      {"can be made, for one replica and for three",
       [subject] {
         for (int times = 0; times < 2; ++times) {
           subject->make_any({0});
           subject->make_any({0, 1, 2});
         }
       }},
      {"takes or refuses extreme parameters", [subject] { check_extremes(*subject); }}};
  for (const auto& [kind, of_kind] : kKindChecks) {
    if (std::string(kind) != library.descriptor->kind) continue;
    for (auto& check : of_kind(*subject)) {
      checks.push_back({check.claim, [subject, test = std::move(check.test)] { test(); }});
    }
  }
  for (auto& check : checks) check.test = with_errors(std::move(check.test));
  return checks;
}

}  // namespace groklab
