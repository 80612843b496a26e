#pragma once

#include "report/figure.h"
#include "store/table_writer.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace groklab {

// A figure, or why it could not be drawn.
struct PageFigure {
  Figure figure;        // without panels: it could not be
  std::string problem;  // why
};

// A curve that a row of the table opens.
struct PageCurve {
  std::vector<double> steps;
  std::vector<std::pair<std::string, std::vector<double>>> columns;  // thinned; NaN: nothing
};

struct PageRow {
  std::string id;                  // of the cell
  std::vector<TableValue> values;  // one a column
  PageCurve curve;                 // empty: none
};

// One self-contained page about results. All texts are plain, from specs and plugins too: the page
// escapes them.
struct Page {
  std::string title, claim;
  std::string verdict;  // a line: what came out, how far it is
  std::vector<PageFigure> figures;
  std::vector<Column> columns;  // of the table
  std::vector<PageRow> rows;
  std::vector<std::pair<std::string, std::string>> provenance;  // name → value, may have lines
  std::vector<std::pair<std::string, std::string>> failures;    // cells → reason
  bool is_live = false;  // served by `groklab report --watch`: it asks for news
};

// What the page's script is told: figures, table, curves. Safe inside of a <script> element.
std::string page_data(const Page& page);

// The whole file. Throws Error if Plotly's bundle is not installed with the program, with the way
// out.
std::string to_html(const Page& page);

}  // namespace groklab
