#include "app/figure_facts.h"

#include "report/kinds.h"

namespace groklab {

std::vector<FigureFacts> figure_facts() {
  std::vector<FigureFacts> facts;
  for (const auto& kind : figure_kinds()) facts.push_back({kind.name, kind.summary, kind.schema});
  return facts;
}

}  // namespace groklab
