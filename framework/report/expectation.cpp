#include "report/expectation.h"

#include "base/text.h"
#include "report/requests.h"
#include "report/statistic_kinds.h"
#include "store/values.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>

namespace groklab {
namespace {

using Cells = std::vector<const StudyCell*>;

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
    text += fmt::format("{}that of{}{}",
                        options.text("compare") == "ratio" ? ", in units of " : " minus ",
                        named(over), options.flag("paired") ? ", by pairs of one seed" : "");
  }
  return fmt::format("{}, {}", text, bounds_text(expectation));
}

// Throws Error, with the keys, if runs that are to be repetitions are not.
void require_repetitions(const Study& study, const Cells& cells, Runs runs) {
  if (runs == Runs::independent) return;
  const auto allowed = runs == Runs::by_fraction ? std::vector<std::string>{kFractionKey}
                                                 : std::vector<std::string>{};
  const auto keys = pooled_keys(study, {cells}, allowed);
  if (keys.empty()) return;
  throw Error(
      fmt::format("the runs differ in {}; choose one of each by where, as only runs that "
                  "differ in seeds are repetitions",
                  join(keys, ", ")));
}

// The runs of one group, which all have to be done.
Cells group_of(const Study& study, const StatisticKind& kind, const std::string& where) {
  const auto cells = cells_where(study, where);
  if (cells.empty()) throw Error(fmt::format("no cell has {}", where));
  const auto open = std::count_if(cells.begin(), cells.end(), [](const StudyCell* cell) {
    return !is_finished(cell->state) || !cell->is_measured();
  });
  if (open > 0) throw Error(fmt::format("{} of {} runs are not done", open, cells.size()));
  require_repetitions(study, cells, kind.runs);
  return cells;
}

// In the order of their seeds, of which there is one run each.
std::map<std::string, const StudyCell*> by_seed(const Study& study, const Cells& cells) {
  std::map<std::string, const StudyCell*> runs;
  for (const auto* cell : cells) runs[seed_of(study, *cell)] = cell;
  if (runs.size() == cells.size()) return runs;
  throw Error("paired takes one run a seed, and there are more; choose one by where and over");
}

// Puts both into the order of their seeds, which have to be the same, each once.
void pair_by_seed(const Study& study, Cells& cells, Cells& others) {
  const auto runs = by_seed(study, cells), other_runs = by_seed(study, others);
  const auto seeds = std::views::keys(runs), other_seeds = std::views::keys(other_runs);
  if (!std::ranges::equal(seeds, other_seeds)) {
    throw Error(fmt::format("paired takes the same seeds in both groups, and they are {} and {}",
                            fmt::join(seeds, ", "), fmt::join(other_seeds, ", ")));
  }
  std::ranges::copy(std::views::values(runs), cells.begin());
  std::ranges::copy(std::views::values(other_runs), others.begin());
}

Estimate estimate_of(const Study& study, const StatisticKind& kind, const Params& options) {
  const bool is_paired = options.flag("paired");
  auto cells = group_of(study, kind, options.text("where"));
  const auto& over = options.text("over");
  if (over.empty()) {
    if (is_paired) throw Error("paired needs a second group, over");
    return estimate(kind.measure(study, cells, options));
  }
  auto others = group_of(study, kind, over);
  if (is_paired) pair_by_seed(study, cells, others);
  const auto quantity = kind.measure(study, cells, options);
  const auto other = kind.measure(study, others, options);
  if (is_paired && quantity.interval) {
    throw Error(fmt::format("{} has an interval of its own, which is not paired", kind.name));
  }
  const auto draws = is_paired ? Draws::together : Draws::apart;
  return estimate(options.text("compare") == "ratio" ? ratio(quantity, other, draws)
                                                     : difference(quantity, other, draws));
}

// Whether the interval is within the bounds, and if it can tell neither, why.
void judge(Finding& finding, std::int64_t runs) {
  const auto& [value, interval, samples] = *finding.estimate;
  const double least = bound_of(finding.expectation, "at_least", -kInfinity);
  const double most = bound_of(finding.expectation, "at_most", kInfinity);
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
    const auto& kind = kind_named(statistic_kinds(), expectation.kind, "statistic");
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

const std::vector<Column>& verdict_columns() {
  constexpr auto kText = ColumnType::text;
  constexpr auto kReal = ColumnType::real;
  static const std::vector<Column> columns{{"number", ColumnType::integer},
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
                                           {"n", ColumnType::integer}};
  return columns;
}

std::vector<TableValue> verdict_row(std::size_t number, const Finding& finding) {
  const auto& expectation = finding.expectation;
  const auto bound = [&](const char* option) {
    return number_value(parse_number(text_of(expectation, option)).value_or(kInfinity));
  };
  std::vector<TableValue> row{static_cast<std::int64_t>(number),
                              finding.claim,
                              to_text(finding.verdict),
                              finding.reason,
                              expectation.kind,
                              text_of(expectation, "where"),
                              text_of(expectation, "over"),
                              text_of(expectation, "compare"),
                              bound("at_least"),
                              bound("at_most")};
  if (const auto& found = finding.estimate) {
    for (const double value :
         {found->value.low, found->value.high, found->interval.low, found->interval.high}) {
      row.push_back(number_value(without_rounding(value)));
    }
    row.emplace_back(static_cast<std::int64_t>(found->samples));
  }
  row.resize(verdict_columns().size());
  return row;
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
  writer.begin({.name = "verdicts", .columns = verdict_columns(), .parent = {}});
  for (std::size_t i = 0; i < findings.size(); ++i) writer.add(verdict_row(i, findings[i]));
}

}  // namespace groklab
