#include "check/samples.h"
#include "check/subject.h"

#include <groklab/backend.h>

namespace groklab {
namespace {

// What it says decides whether there is anything else to ask.
bool is_missing(const Backend& backend) { return !backend.missing().empty(); }

void says_what_is_missing(const Subject& subject) {
  const auto text = subject.make<Backend>()->missing();
  require(text.find('\n') == std::string::npos, "what is missing takes more than a line: " + text);
}

void repeats_what_it_recorded(const Subject& subject) {
  const auto backend = subject.make<Backend>();
  if (is_missing(*backend)) return;
  require(!backend->description().empty(), "its description is empty");
  Tensor sum, one;
  const auto work = [&] {
    const torch::NoGradGuard no_grad;
    sum.add_(one).mul_(2);
  };
  backend->run([&] {
    const auto options = torch::TensorOptions().dtype(torch::kFloat64).device(backend->device());
    sum = torch::zeros({8}, options);
    one = torch::ones({8}, options);
  });
  backend->run(work);
  const auto recording = backend->record(work);
  backend->run([&] { sum.zero_(); });
  for (int i = 0; i < 3; ++i) recording->replay();
  backend->wait();
  require_equal(sum.cpu(), torch::full({8}, 14, torch::kFloat64), "three replays");
}

}  // namespace

std::vector<Check> backend_checks(const Subject& subject) {
  return {{"says in a line what is missing", [&] { says_what_is_missing(subject); }},
          {"repeats what it recorded", [&] { repeats_what_it_recorded(subject); }}};
}

}  // namespace groklab
