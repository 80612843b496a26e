#include "base/text.h"
#include "check/samples.h"
#include "check/subject.h"

#include <groklab/backend.h>

namespace groklab {
namespace {

// What it says decides whether there is anything else to ask.
void require_here(const Backend& backend) {
  const auto missing = backend.missing();
  if (!missing.empty()) throw NotTried(missing);
}

void says_what_is_missing(const Subject& subject) {
  const auto text = subject.make<Backend>()->missing();
  require(text.find('\n') == std::string::npos, "what is missing takes more than a line: " + text);
}

// sum ← 2 (sum + 1), asked for `times` times, from 0: 2, 6, 14, …
class Work {
 public:
  explicit Work(Backend& backend) : backend_(backend) {
    backend.run([&] {
      const auto options = torch::TensorOptions().dtype(torch::kFloat64).device(backend.device());
      sum_ = torch::zeros({8}, options);
      one_ = torch::ones({8}, options);
    });
  }

  void operator()() const {
    const torch::NoGradGuard no_grad;
    auto sum = sum_;
    sum.add_(one_).mul_(2);
  }

  void begin_again() {
    backend_.run([&] { sum_.zero_(); });
  }

  void require_sum(double expected, const std::string& what) {
    backend_.wait();
    require_equal(sum_.cpu(), torch::full({8}, expected, torch::kFloat64), what);
  }

 private:
  Backend& backend_;
  Tensor sum_, one_;
};

void does_what_it_is_asked_for(const Subject& subject) {
  const auto backend = subject.make<Backend>();
  require_here(*backend);
  require(!backend->description().empty(), "its description is empty");
  Work work(*backend);
  for (int i = 0; i < 3; ++i) backend->run(work);
  work.require_sum(14, "work done three times");
}

// A backend may refuse to record; steps then run operator by operator.
void repeats_what_it_recorded(const Subject& subject) {
  const auto backend = subject.make<Backend>();
  require_here(*backend);
  Work work(*backend);
  backend->run(work);
  std::unique_ptr<Recording> recording;
  try {
    recording = backend->record(work);
  } catch (const std::exception& refusal) {
    throw NotTried(message_of(refusal));
  }
  work.begin_again();
  for (int i = 0; i < 3; ++i) recording->replay();
  work.require_sum(14, "three replays");
}

}  // namespace

std::vector<Check> backend_checks(const Subject& subject) {
  return {{"says in a line what is missing", [&] { says_what_is_missing(subject); }},
          {"does what it is asked for", [&] { does_what_it_is_asked_for(subject); }},
          {"repeats what it recorded, if it records", [&] { repeats_what_it_recorded(subject); }}};
}

}  // namespace groklab
