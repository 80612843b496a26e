#pragma once

#include "report/kinds.h"
#include "report/page.h"

#include <set>
#include <string>
#include <vector>

namespace groklab {

// What the study's spec asks for, or where it asks for nothing, what each kind shows of such a
// study of its own accord.
std::vector<Request> figures_of(const Study& study);

// Each figure, or why it cannot be drawn. Those that would have one name are numbered.
std::vector<PageFigure> draw_figures(const Study& study, const std::vector<Request>& wanted);

// What came out so far, in a line.
std::string verdict_of(const Study& study);

// The builds that its finished runs were trained with, as builds_of gives them.
std::set<std::string> builds_of(const Study& study);

// The page about a study, with these figures. `changed_since`: what has changed since the runs were
// trained, a line each.
Page make_page(const Study& study, std::vector<PageFigure> figures,
               const std::vector<std::string>& changed_since = {});

}  // namespace groklab
