// The folder of claims: names of files, and what a file says. The first line of an input is a name.
#include "store/claims.h"
#include "base/files.h"
#include "fuzz/try_input.h"
#include "support/temporary_folder.h"

#include <limits>

namespace groklab {
namespace {

bool is_file_name(std::string_view text) {
  return !text.empty() && text.size() < 200 && text != "." && text != ".." &&
         text.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

void read_claims(std::string_view input) {
  const auto name = input.substr(0, input.find('\n'));
  if (!is_file_name(name)) return;
  const test::TemporaryFolder folder;
  folder.write(name, input.substr(std::min(name.size() + 1, input.size())));
  ClaimFolder claims(folder.path());
  for (auto& [pack, claim] : claims.all()) {
    ClaimWatch().look(claim);
    claim.record = claim.record.after_death("killed");
    claims.write(claim);
    claims.take(pack, claim);
  }
  claims.all();
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_claims);
}
