#pragma once

#include "report/kinds.h"
#include "report/page.h"

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

// The page about a study, with these figures.
Page make_page(const Study& study, std::vector<PageFigure> figures);

}  // namespace groklab
