// What tests of claims are made of.
#pragma once

#include "report/expectation.h"
#include "support/small_study.h"

#include <map>
#include <string>
#include <vector>

namespace groklab::test {

using Options = std::map<std::string, Value>;

inline Options with(const Options& some, const Options& more) {
  auto all = some;
  all.insert(more.begin(), more.end());
  return all;
}

inline const Options kLeast{{"at_least", std::string("1")}};

// Seeds 0, 1, …, each with one of these best accuracies.
inline void add_accuracies(SmallStudy& small, const std::string& operation,
                           const std::string& fraction, const std::vector<double>& accuracies) {
  for (std::size_t seed = 0; seed < accuracies.size(); ++seed) {
    small.add_cell({{"operation.name", operation},
                    {"data.train_fraction", fraction},
                    {"seed", std::to_string(seed)}},
                   {evaluated(0, 0, 0), evaluated(100, 1, accuracies[seed])});
  }
}

// Seeds that memorise at 10 and generalise at these steps (0: never).
inline void add_times(SmallStudy& small, const std::string& fraction,
                      const std::vector<std::int64_t>& generalized) {
  for (std::size_t seed = 0; seed < generalized.size(); ++seed) {
    small.add_cell({{"data.train_fraction", fraction}, {"seed", std::to_string(seed)}},
                   grokking(10, generalized[seed]));
  }
}

inline Finding found(SmallStudy& small, const std::string& statistic, const Options& options) {
  small.expect(statistic, options);
  return findings_of(small.read()).back();
}

}  // namespace groklab::test
