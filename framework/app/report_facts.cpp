#include "app/report_facts.h"

#include "report/kinds.h"
#include "report/statistic_kinds.h"

namespace groklab {

std::vector<EntryKind> figure_facts() {
  std::vector<EntryKind> facts;
  for (const auto& kind : figure_kinds()) facts.push_back({kind.name, kind.summary, kind.schema});
  return facts;
}

std::vector<EntryKind> statistic_facts() {
  std::vector<EntryKind> facts;
  for (const auto& kind : statistic_kinds()) {
    facts.push_back({kind.name, kind.summary, kind.schema});
  }
  return facts;
}

}  // namespace groklab
