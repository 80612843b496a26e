#include "app/cell_checks.h"

#include "app/plan_costs.h"
#include "base/text.h"
#include "train/backends.h"
#include "train/components.h"

#include <fmt/format.h>

#include <unordered_set>

namespace groklab {
namespace {

// Everything in which cells differ but the seeds, on which no check depends.
std::string all_but_seeds(const Experiment& experiment) {
  std::string text;
  for (const auto& setting : experiment.flatten()) {
    if (setting.key.starts_with("seed.")) continue;
    text += fmt::format("{}={}\n", setting.key, to_text(setting.value));
  }
  return text;
}

// A Trainer would check more, but takes longer than a sweep of thousands of cells can wait for.
void check_parts(const LoadedSweep& loaded) {
  std::unordered_set<std::string> checked, known;
  std::vector<std::string> mistakes;
  for (const auto& [experiment, coordinates] : loaded.sweep.cells) {
    if (!checked.insert(all_but_seeds(experiment)).second) continue;
    try {
      choose_backend(loaded.catalog, experiment);
      assemble(loaded.catalog, {experiment});
    } catch (const Error& error) {
      if (known.insert(error.what()).second) mistakes.emplace_back(error.what());
    }
  }
  if (!mistakes.empty()) throw Error(join(mistakes, "\n"));
}

}  // namespace

void require_least_memory(const LoadedSweep& loaded, std::size_t pack, std::int64_t jobs) {
  try {
    require_memory(loaded, plan_sweep(loaded, pack), {jobs, /*threads=*/1}, resources_for("."));
  } catch (const DoesNotFit&) {
    throw;
  } catch (const Error&) {  // a mistake in the spec
  }
}

void check_cells(const LoadedSweep& loaded, std::size_t pack) {
  require_least_memory(loaded, pack);  // first, for a table may be too large to be made
  check_parts(loaded);
}

void print_notes(const Sweep& sweep) {
  for (const auto& note : notes_of(sweep)) fmt::print(stderr, "note: {}\n", printable(note));
}

}  // namespace groklab
