// plan.json of a sweep, its state and the tables of its results.
#include "fuzz/mutate_json.h"
#include "fuzz/try_input.h"
#include "store/results.h"
#include "store/sweep_state.h"
#include "support/temporary_folder.h"

namespace groklab {
namespace {

void read_sweep(std::string_view input) {
  static const test::TemporaryFolder folder, tables;
  const SweepFolder sweep{folder.path()};
  folder.write("plan.json", input);
  const auto plan = read_plan(sweep);
  ClaimWatch watch;
  SweepMonitor(sweep, plan).read(watch);
  write_results({folder.path(), plan}, false, *make_csv_writer(tables.path()));
  write_plan(sweep, plan);
  test::require("a plan reads back as it was", [&] {
    const auto again = read_plan(sweep);
    return again.cells.size() == plan.cells.size() && again.settings == plan.settings &&
           again.figures == plan.figures;
  });
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_sweep);
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* bytes, std::size_t size,
                                               std::size_t room, unsigned seed) {
  return groklab::test::mutate_json(bytes, size, room, seed);
}
