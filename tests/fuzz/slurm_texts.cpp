// What is said to Slurm and what it says: time limits, options of sbatch, its answer.
#include "app/slurm_script.h"
#include "base/text.h"
#include "fuzz/try_input.h"

#include <algorithm>

namespace groklab {
namespace {

// The script's directives end where its commands begin, whatever stands in an option.
bool has_one_line_an_option(const SlurmJob& job) {
  SlurmJob plain = job;
  plain.options.clear();
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  const auto more = static_cast<std::ptrdiff_t>(job.options.size());
  return lines(slurm_script(job)) == lines(slurm_script(plain)) + more;
}

void read_texts(std::string_view input) {
  const std::string text(input);
  if (const auto submission = parse_submission(input)) {
    test::require("a job has a number", [&] {
      return !submission->job.empty() &&
             submission->job.find_first_not_of("0123456789") == std::string::npos;
    });
  }
  SlurmJob job;
  job.options = {"--comment=" + text};
  test::allow_errors([&] {
    slurm_script(job);  // refuses a line break
    test::require("an option is one line", [&] { return has_one_line_an_option(job); });
  });
  check_time_limit(text);
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_texts);
}
