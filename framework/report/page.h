#pragma once

#include "base/installation.h"
#include "report/expectation.h"
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
  Figure figure;        // without panels: it could not be; its name is no other figure's
  std::string problem;  // why
};

// A curve that a row of the table opens.
struct PageCurve {
  std::vector<double> steps;
  std::vector<std::pair<std::string, std::vector<double>>> columns;  // thinned; NaN: nothing
};

struct PageRow {
  std::string id;                  // of the cell: #cell-<id> opens its curve
  std::vector<TableValue> values;  // one a column
  PageCurve curve;                 // empty: none
};

// One self-contained page about results. All texts are plain, from specs and plugins too: the page
// escapes them.
struct Page {
  std::string title, claim;
  std::string verdict;  // a line: what came out, how far it is
  std::vector<Finding> findings;
  std::vector<PageFigure> figures;
  std::vector<Column> columns;  // of the table; the first names the row's cell
  std::vector<PageRow> rows;
  std::vector<std::pair<std::string, std::string>> provenance;  // name → value, may have lines
  std::vector<std::pair<std::string, std::string>> failures;    // cells → reason

  // Served by `groklab report --watch`: each 5 s it asks for /data?since=<version> and is answered
  // with page_data and its version, in the header ETag, or with 204 (no content) if it has that.
  bool is_live = false;
};

// What the page's script is told: figures, table, curves, as JSON. Safe inside of a <script>
// element.
std::string page_data(const Page& page);

// The whole file. `share` holds Plotly's bundle and page/, with the page's HTML, CSS and scripts.
// Throws Error if the bundle is not installed with the program, with the way out.
std::string to_html(const Page& page,
                    const std::filesystem::path& share = installation() / "share/groklab");

}  // namespace groklab
