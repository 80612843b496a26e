#pragma once

#include "framework/spec/example_schemas.h"
#include "spec/sweep.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace groklab::test {

struct Expansion {
  Sweep sweep;
  std::string problems;  // of a spec that stands in spec.yaml, a line each
};

inline Expansion expand(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const TemporaryFolder folder;
  Problems problems;
  std::string lines;
  Sweep sweep;
  try {
    const auto root = load_spec(folder.write("spec.yaml", text), overrides);
    sweep = expand_sweep(root, example_schema, problems);
    lines = problems.text();
  } catch (const Error& error) {
    lines = error.what();
  }
  const auto prefix = folder.path().string() + "/";
  for (std::size_t at = 0; (at = lines.find(prefix)) != std::string::npos;) {
    lines.erase(at, prefix.size());
  }
  return {std::move(sweep), lines};
}

// The cells of the example with a `sweep:` in its sixth line.
inline Sweep sweep(const std::string& section, const std::vector<std::string>& overrides = {}) {
  auto [sweep, problems] = expand(kExample + ("sweep: " + section) + "\n", overrides);
  EXPECT_EQ(problems, "") << section;
  return sweep;
}

inline std::string problems_of(const std::string& section,
                               const std::vector<std::string>& overrides = {}) {
  return expand(kExample + ("sweep: " + section) + "\n", overrides).problems;
}

// Each cell as "key=value key=value".
inline std::vector<std::string> cells(const Sweep& sweep) {
  std::vector<std::string> texts;
  for (const auto& cell : sweep.cells) texts.push_back(to_text(cell.coordinates));
  return texts;
}

}  // namespace groklab::test
