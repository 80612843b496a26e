#include "spec/axis_values.h"

#include "base/text.h"
#include "spec/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

// Whole numbers as they are, others to 12 significant digits.
std::string number_text(double number) {
  const bool whole = std::floor(number) == number && std::abs(number) <= 0x1p53;
  return whole ? fmt::format("{:.0f}", number) : fmt::format("{:.12g}", number);
}

// On the way from below 0 to above, rounding leaves 5e-17 where 0 is meant.
double snapped_to_zero(double number, double from, double to) {
  return std::abs(number) < 1e-12 * std::abs(to) + 1e-12 * std::abs(from) ? 0 : number;
}

// Reads a map {from, to, step} or {from, to, points, scale}.
class NumberRange {
 public:
  NumberRange(const YamlNode& node, const std::string& path, Problems& problems)
      : node_(node), path_(path), problems_(problems) {}

  // nullopt after reporting a problem.
  std::optional<std::vector<double>> numbers() {
    if (has_unknown_keys()) return std::nullopt;
    const auto from = real("from"), to = real("to");
    const bool has_step = node_.find("step") != nullptr;
    if (has_step == (node_.find("points") != nullptr)) {
      problems_.add(node_.mark, path_,
                    "expected one of step and points, as in {from: 0.2, to: 0.8, step: 0.1} or "
                    "{from: 1e-4, to: 1e-2, points: 5, scale: log}");
      return std::nullopt;
    }
    return has_step ? by_step(from, to) : by_points(from, to);
  }

 private:
  bool has_unknown_keys() {
    static const std::vector<std::string> known{"from", "to", "step", "points", "scale"};
    bool found = false;
    for (const auto& [key, mark, value] : node_.entries) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      problems_.add(mark, path_ + "." + key, "unknown key" + suggestion(key, known));
      found = true;
    }
    return found;
  }

  std::nullopt_t refuse(const char* key, const std::string& message) {
    const auto* entry = node_.find(key);
    problems_.add(entry == nullptr ? node_.mark : entry->value.mark, path_ + "." + key, message);
    return std::nullopt;
  }

  std::optional<double> real(const char* key) {
    const auto* entry = node_.find(key);
    if (entry == nullptr) return refuse(key, "missing: a range goes from one number to another");
    const auto& value = entry->value;
    const bool plain = value.kind == Kind::scalar && !value.quoted;
    const auto number = plain ? parse_real(value.scalar) : std::nullopt;
    return number ? number : refuse(key, "expected a number, found " + value.kind_name());
  }

  std::optional<std::vector<double>> by_step(std::optional<double> from, std::optional<double> to) {
    const auto step = real("step");
    if (node_.find("scale") != nullptr) return refuse("scale", "goes with points, not with step");
    if (!from || !to || !step) return std::nullopt;
    const double steps = (*to - *from) / *step;
    if (*step == 0 || steps < 0) {
      return refuse("step", fmt::format("expected a step that leads from {} to {}, found '{}'",
                                        number_text(*from), number_text(*to), number_text(*step)));
    }
    const double count = std::floor(steps + 1e-9) + 1;  // `to` itself may be missed by rounding
    if (!(count <= static_cast<double>(kMaxCells))) {
      return refuse("step", fmt::format("gives more than {} values", kMaxCells));
    }
    std::vector<double> numbers(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = snapped_to_zero(*from + static_cast<double>(i) * *step, *from, *to);
    }
    return numbers;
  }

  std::optional<std::vector<double>> by_points(std::optional<double> from,
                                               std::optional<double> to) {
    const auto& node = node_.find("points")->value;
    const bool plain = node.kind == Kind::scalar && !node.quoted;
    const auto points = plain ? parse_integer(node.scalar).value_or(0) : 0;
    const auto logarithmic = is_logarithmic();
    if (points < 2 || points > static_cast<std::int64_t>(kMaxCells)) {
      return refuse("points", fmt::format("expected an integer in [2, {}], found {}", kMaxCells,
                                          node.kind_name()));
    }
    if (!from || !to || !logarithmic) return std::nullopt;
    for (const auto& [key, number] : {std::pair{"from", *from}, std::pair{"to", *to}}) {
      if (*logarithmic && number <= 0) {
        return refuse(key, fmt::format("expected a number > 0 on a logarithmic scale, found '{}'",
                                       number_text(number)));
      }
    }
    std::vector<double> numbers(static_cast<std::size_t>(points), *from);
    for (std::size_t i = 1; i < numbers.size(); ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(points - 1);
      numbers[i] = *logarithmic ? std::pow(*from, 1 - share) * std::pow(*to, share)
                                : snapped_to_zero(*from * (1 - share) + *to * share, *from, *to);
    }
    numbers.back() = *to;
    return numbers;
  }

  std::optional<bool> is_logarithmic() {
    const auto* entry = node_.find("scale");
    if (entry == nullptr) return false;
    const auto& scale = entry->value.scalar;
    if (scale == "log" || scale == "linear") return scale == "log";
    return refuse("scale", "expected linear or log, found " + entry->value.kind_name());
  }

  const YamlNode& node_;
  const std::string& path_;
  Problems& problems_;
};

std::optional<std::vector<YamlNode>> range_values(const YamlNode& axis, const std::string& path,
                                                  Problems& problems) {
  const auto numbers = NumberRange(axis, path, problems).numbers();
  if (!numbers) return std::nullopt;
  std::vector<YamlNode> values;
  for (const double number : *numbers) {
    values.push_back({.kind = Kind::scalar, .mark = axis.mark, .scalar = number_text(number)});
  }
  return values;
}

}  // namespace

std::optional<std::vector<YamlNode>> axis_values(const YamlNode& axis, const std::string& path,
                                                 Problems& problems) {
  if (axis.kind != Kind::map && axis.kind != Kind::sequence) {
    problems.add(
        axis.mark, path,
        "expected a list of values, {from, to, step} or {from, to, points, scale}, found " +
            axis.kind_name());
    return std::nullopt;
  }
  const auto values =
      axis.kind == Kind::map ? range_values(axis, path, problems) : std::optional(axis.items);
  if (!values) return std::nullopt;
  if (values->empty()) {
    problems.add(axis.mark, path, "an empty list; give at least one value, or leave out the axis");
    return std::nullopt;
  }
  std::set<std::string> texts;
  bool distinct = true;
  for (const auto& value : *values) {
    const auto text = flow_text(value);
    if (texts.insert(text).second) continue;
    problems.add(value.mark, path, fmt::format("{} stands in this axis twice", text));
    distinct = false;
  }
  return distinct ? values : std::nullopt;
}

}  // namespace groklab
