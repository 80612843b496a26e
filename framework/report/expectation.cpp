#include "report/expectation.h"

#include "base/text.h"
#include "report/kinds.h"
#include "report/statistic_kinds.h"
#include "store/values.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace groklab {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

const StatisticKind& kind_named(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& kind : statistic_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw Error(fmt::format("there is no statistic '{}'{}", name, suggestion(name, names)));
}

std::string text_of(const Request& expectation, const std::string& option) {
  const auto found = expectation.options.find(option);
  return found == expectation.options.end() ? "" : to_text(found->second);
}

// Where there is none, `absent`.
double bound_of(const Request& expectation, const std::string& option, double absent) {
  const auto text = text_of(expectation, option);
  if (text.empty()) return absent;
  if (const auto number = parse_number(text)) return *number;
  throw Error(fmt::format("{}: expected a number, found '{}'", option, text));
}

std::string named(const std::string& where) {
  return where.empty() ? "" : fmt::format(" ({})", where);
}

std::string bounds_text(const Request& expectation) {
  std::vector<std::string> bounds;
  for (const auto& [option, words] : {std::pair("at_least", "at least"), {"at_most", "at most"}}) {
    const auto bound = text_of(expectation, option);
    if (!bound.empty()) bounds.push_back(fmt::format("{} {}", words, bound));
  }
  return "to be " + join(bounds, " and ");
}

std::string statistic_text(const Request& expectation, const StatisticKind& kind,
                           const Params& options) {
  auto text = kind.text(options) + named(options.text("where"));
  if (const auto& over = options.text("over"); !over.empty()) {
    text +=
        fmt::format("{}that of{}",
                    options.text("compare") == "ratio" ? ", in units of " : " minus ", named(over));
  }
  return fmt::format("{}, {}", text, bounds_text(expectation));
}

// Of the runs of one group, which all have to be done.
Quantity measure(const Study& study, const StatisticKind& kind, const Params& options,
                 const std::string& where) {
  const auto cells = cells_where(study, where);
  if (cells.empty()) throw Error(fmt::format("no cell has {}", where));
  const auto open = std::count_if(cells.begin(), cells.end(), [](const StudyCell* cell) {
    return !is_finished(cell->state) || !cell->is_measured();
  });
  if (open > 0) throw Error(fmt::format("{} of {} runs are not done", open, cells.size()));
  return kind.measure(study, cells, options);
}

Estimate estimate_of(const Study& study, const StatisticKind& kind, const Params& options) {
  const auto quantity = measure(study, kind, options, options.text("where"));
  const auto& over = options.text("over");
  if (over.empty()) return estimate(quantity);
  const auto other = measure(study, kind, options, over);
  return estimate(options.text("compare") == "ratio" ? ratio(quantity, other)
                                                     : difference(quantity, other));
}

// Whether the interval is within the bounds, and if it can tell neither, why.
void judge(Finding& finding, std::int64_t runs) {
  const auto& [value, interval, samples] = *finding.estimate;
  const double least = bound_of(finding.expectation, "at_least", -kInfinite);
  const double most = bound_of(finding.expectation, "at_most", kInfinite);
  if (std::isnan(interval.low) || std::isnan(interval.high)) {
    finding.reason = "the statistic is undefined of these runs";
  } else if (static_cast<std::int64_t>(samples) < runs) {
    finding.reason = fmt::format("n = {}, and a verdict needs {}", samples, runs);
  } else if (interval.low >= least && interval.high <= most) {
    finding.verdict = Verdict::holds;
  } else if (interval.high < least || interval.low > most) {
    finding.verdict = Verdict::fails;
  } else {
    finding.reason = std::isinf(interval.high) || !value.is_known()
                         ? "not all runs got there within their budget or range, and the interval "
                           "is on both sides of a bound"
                         : "the interval is on both sides of a bound";
  }
}

Finding finding_of(const Study& study, const Request& expectation) {
  Finding finding;
  finding.expectation = expectation;
  finding.claim = text_of(expectation, "claim");
  try {
    const auto& kind = kind_named(expectation.kind);
    const auto options = checked_options(kind.name, kind.schema, expectation);
    finding.statistic = statistic_text(expectation, kind, options);
    if (finding.claim.empty()) finding.claim = finding.statistic;
    finding.estimate = estimate_of(study, kind, options);
    judge(finding, options.integer("runs"));
  } catch (const Error& error) {
    finding.reason = error.what();
  }
  return finding;
}

}  // namespace

std::string to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::fails:
      return "fails";
    case Verdict::undecided:
      return "undecided";
  }
  throw std::logic_error("no such verdict");
}

std::string Finding::numbers() const {
  if (!estimate) return "";
  const auto& [value, interval, samples] = *estimate;
  if (samples == 1) return to_text(value) + ", n = 1";
  return fmt::format("{}, 95 % interval {} to {}, n = {}", to_text(value),
                     number_text(interval.low), number_text(interval.high), samples);
}

std::vector<Finding> findings_of(const Study& study) {
  std::vector<Finding> findings;
  for (const auto& expectation : study.plan().expectations) {
    findings.push_back(finding_of(study, expectation));
  }
  return findings;
}

void write_findings(TableWriter& writer, const std::vector<Finding>& findings) {
  constexpr auto kText = ColumnType::text;
  constexpr auto kReal = ColumnType::real;
  writer.begin({"verdicts",
                {{"number", ColumnType::integer},
                 {"claim", kText},
                 {"verdict", kText},
                 {"reason", kText},
                 {"statistic", kText},
                 {"where", kText},
                 {"over", kText},
                 {"compare", kText},
                 {"at_least", kReal},
                 {"at_most", kReal},
                 {"low", kReal},
                 {"high", kReal},
                 {"interval_low", kReal},
                 {"interval_high", kReal},
                 {"n", ColumnType::integer}}});
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const auto& finding = findings[i];
    const auto option = [&](const char* name) { return text_of(finding.expectation, name); };
    const auto bound = [&](const char* name) {
      return number_value(parse_number(option(name)).value_or(kInfinite));
    };
    std::vector<TableValue> row{static_cast<std::int64_t>(i),
                                finding.claim,
                                to_text(finding.verdict),
                                finding.reason,
                                finding.expectation.kind,
                                option("where"),
                                option("over"),
                                option("compare"),
                                bound("at_least"),
                                bound("at_most")};
    if (const auto& found = finding.estimate) {
      for (const double number :
           {found->value.low, found->value.high, found->interval.low, found->interval.high}) {
        row.push_back(number_value(number));
      }
      row.emplace_back(static_cast<std::int64_t>(found->samples));
    }
    row.resize(15);
    writer.add(row);
  }
}

}  // namespace groklab
