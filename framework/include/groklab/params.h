#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace groklab {

// The value of a parameter, as its schema types it.
using Value = std::variant<bool, std::int64_t, double, std::string>;

// The shortest text that reads back as the same value: true, 97, 0.001, adamw. A real number
// without a fraction keeps a point (1.0), so that its text tells its type.
std::string to_text(const Value& value);

// The numbers that a parameter may take.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool includes_low = true;
  bool includes_high = true;

  bool contains(double number) const;
  std::string text() const;  // "in [0, 1)", "> 0", …
};

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr Range any_number{-kInfinity, kInfinity, false, false};
inline constexpr Range positive{0, kInfinity, false, false};
inline constexpr Range non_negative{0, kInfinity, true, false};
inline constexpr Range unit_interval{0, 1, true, false};   // [0, 1): decay rates
inline constexpr Range open_interval{0, 1, false, false};  // (0, 1): fractions of data
constexpr Range at_least(double low) { return {low, kInfinity, true, false}; }
constexpr Range between(double low, double high) { return {low, high, true, true}; }

// One declared parameter.
struct Field {
  enum class Type { flag, integer, real, text, choice, integer_or_choice, path };

  std::string name;
  Type type = Type::text;
  Value default_value;
  std::string help;
  Range range = any_number;
  std::vector<std::string> choices;
  bool per_replica = false;  // may differ between the replicas of a pack
  bool required = false;     // has no default

  std::string type_name() const;  // "real", "integer", "one of paper, full or an integer", …
};

// The parameters of a plugin, or of a section of a spec, each declared once. The declaration
// serves parsing, defaults, error messages, `groklab plugins describe` and documentation.
class Schema {
 public:
  Schema& real(std::string name, double default_value, std::string help, Range range = any_number);
  Schema& integer(std::string name, std::int64_t default_value, std::string help,
                  Range range = any_number);
  Schema& flag(std::string name, bool default_value, std::string help);
  Schema& text(std::string name, std::string default_value, std::string help);
  Schema& choice(std::string name, std::string default_value, std::string help,
                 std::vector<std::string> choices);
  Schema& integer_or_choice(std::string name, Value default_value, std::string help,
                            std::vector<std::string> choices, Range range = any_number);

  // A file that the plugin reads, without a default. In a spec the path is relative to the spec;
  // Params::text gives it absolute. What identifies a run is the file's content, not its path.
  Schema& path(std::string name, std::string help);

  // These two change the parameter declared last.
  Schema& per_replica();
  Schema& required();

  const std::vector<Field>& fields() const { return fields_; }
  const Field* find(std::string_view name) const;  // nullptr: not declared

 private:
  Schema& add(Field field);

  std::vector<Field> fields_;
};

// The values with which a plugin is created: one for each parameter of its schema, already
// checked against it. Where replicas may differ there is one value for each of the R replicas.
// Reading a name the schema does not declare, or as another type, throws std::logic_error.
class Params {
 public:
  // `values`: for each name one value, or R values if the parameter is marked per-replica.
  Params(std::size_t replicas, std::map<std::string, std::vector<Value>, std::less<>> values);

  // The schema's defaults, overridden by `values`, for one replica.
  static Params from_defaults(const Schema& schema,
                              const std::map<std::string, Value>& values = {});

  bool flag(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  std::vector<double> per_replica(std::string_view name) const;  // R reals

  std::size_t replicas() const { return replicas_; }

 private:
  template <class T>
  const T& single(std::string_view name) const;
  const std::vector<Value>& values_of(std::string_view name) const;

  std::size_t replicas_;
  std::map<std::string, std::vector<Value>, std::less<>> values_;
};

}  // namespace groklab
