// run.json, and all that is read of it: status, tables of results, comparison with a spec.
#include "fuzz/mutate_json.h"
#include "fuzz/try_input.h"
#include "store/results.h"
#include "store/run_identity.h"
#include "store/sweep_state.h"
#include "support/temporary_folder.h"

namespace groklab {
namespace {

const RunIdentity& another_run() {
  static const RunIdentity identity{
      "demo",
      "0123456789abcdef",
      {{"operation.name", "add"}, {"seed.init", "0"}, {"training.steps", "100"}},
      "",
      {{"operation", "add", "add.so", "00", ""}}};
  return identity;
}

void read_record(std::string_view input) {
  static const test::TemporaryFolder folder, tables;
  folder.write("run.json", input);
  const auto record = read_run_record(folder.path());
  differences_from(*record, another_run());
  changed_from(*record, another_run());
  const auto runs = read_run_set(folder.path());
  read_single_run(runs);
  for (const bool is_reproducible : {false, true}) {
    write_results(runs, is_reproducible, *make_csv_writer(tables.path()));
    write_results(runs, is_reproducible, *make_jsonl_writer(tables.path()));
  }
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_record);
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* bytes, std::size_t size,
                                               std::size_t room, unsigned seed) {
  return groklab::test::mutate_json(bytes, size, room, seed);
}
