#pragma once

#include "report/figure.h"
#include "report/study.h"
#include "store/request.h"

#include <groklab/params.h>

#include <string>
#include <vector>

namespace groklab {

// A kind of figure, which `figures:` of a spec or --figure names.
struct FigureKind {
  std::string name, summary;
  Schema schema;

  // Throws Error if the study does not have what the kind needs, with what that is.
  Figure (*draw)(const Study& study, const Params& options);

  // What a report shows of this kind where nobody named figures: one figure or several if the study
  // has what the kind is about, else none.
  std::vector<Request> (*natural_requests)(const Study& study);
};

// All of them. Each is in report/kinds/<name>.cpp.
const std::vector<FigureKind>& figure_kinds();

FigureKind curve_kind();
FigureKind time_by_fraction_kind();
FigureKind accuracy_by_fraction_kind();
FigureKind embedding_map_kind();
FigureKind fourier_spectrum_kind();
FigureKind probe_over_time_kind();
FigureKind scatter_kind();
FigureKind interventions_kind();
FigureKind loss_anatomy_kind();

// What every kind may be given:
//   name   of the figure's files; the kind by default
//   title  above it; made of the experiment's name by default
//   where  only cells with these settings, as of cells_where
Schema common_figure_schema();

// The measured ones that the option `where` leaves. Throws Error if there are none.
std::vector<const StudyCell*> chosen_cells(const Study& study, const Params& options);

// Those whose run is over: one that goes on may still get there. Throws Error in the name of `kind`
// if there are none.
std::vector<const StudyCell*> finished_cells(const std::vector<const StudyCell*>& cells,
                                             const std::string& kind);

// " 2 of 9 measured runs are not done and left out.", or nothing if none is.
std::string unfinished_text(const std::vector<const StudyCell*>& chosen,
                            const std::vector<const StudyCell*>& finished);

// A figure with the name and the title that the options ask for.
Figure named_figure(const Params& options, const std::string& kind, const std::string& title);

// Throws Error, as FigureKind::draw does, and if there is no such kind or option.
Figure draw_figure(const Study& study, const Request& request);

}  // namespace groklab
