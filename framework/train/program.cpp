#include "train/program.h"

#include "base/clock.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace groklab {
namespace {

constexpr std::int64_t kChunk = 64;  // updates, if they are not large
constexpr std::int64_t kChunkBytes = std::int64_t{64} << 20;
constexpr int kCheckedSteps = 3;
constexpr double kAgreement = 1e-3;  // of what the steps changed; a wrong factor changes far more

// Updates that a chunk holds; those of the self-check at least.
std::int64_t chunk_of(const InputSource& inputs) {
  const auto bytes = inputs.replicas() * inputs.rows() * 32;
  return std::clamp<std::int64_t>(kChunkBytes / bytes, kCheckedSteps, kChunk);
}

// |a − b| / |b − start| in norm; NaN of both is no difference. All of integers must be equal.
double disagreement(const Tensor& a, const Tensor& b, const Tensor& start) {
  if (!a.is_floating_point()) return torch::equal(a, b) ? 0 : 1;
  const auto same = a.eq(b).logical_or(a.isnan().logical_and(b.isnan()));
  if (same.all().item<bool>()) return 0;
  const auto wide = [](const Tensor& tensor) { return tensor.to(torch::kFloat64); };
  const auto zero = torch::zeros({}, wide(a).options());
  const auto difference = torch::where(same, zero, wide(a) - wide(b)).norm().item<double>();
  const auto change = (wide(b) - wide(start)).nan_to_num(0, 0, 0).norm().item<double>();
  return difference / std::max(change, std::numeric_limits<double>::min());
}

// The copy of the tensor that lives there. What has come to live since the copy was made starts at
// zero (groklab/parameters.h).
Tensor copy_of(const Tensor& live, const ProgramState& state) {
  const auto entry = std::find_if(state.begin(), state.end(),
                                  [&](const auto& one) { return one.first.is_same(live); });
  return entry == state.end() ? torch::zeros_like(live) : entry->second;
}

}  // namespace

std::string Execution::text() const {
  return fmt::format("{}{}{}: {}", computation, computation.empty() ? "" : ", ",
                     recorded ? "recorded and replayed" : "operator by operator", note);
}

Program::Program(Backend& backend, const Components& components, Tensor flat, InputSource& inputs)
    : backend_(backend),
      components_(components),
      weights_(components.layout, std::move(flat)),
      inputs_(inputs),
      all_{{0, inputs.replicas(), inputs.rows()}},
      chunk_(chunk_of(inputs)) {
  const auto device = backend.device();
  for (auto& one : drawn_) one = inputs.allocate(chunk_, !device.is_cpu());
  on_device_ = inputs.allocate(chunk_).transformed([&](const Tensor& tensor) {
    return torch::empty(tensor.sizes(), tensor.options().device(device));
  });
  cursor_ = torch::zeros({1}, torch::TensorOptions().dtype(torch::kInt64).device(device));
  losses_ = torch::zeros({chunk_, inputs.replicas()}, weights_.flat().options());
  accuracies_ = torch::zeros_like(losses_);
  directions_ = torch::zeros_like(weights_.flat());
  if (reads_update(components)) {
    for (auto part : kUpdateParts) parts_.*part = torch::zeros_like(weights_.flat());
  }
}

void Program::draw_chunk(std::int64_t first) {
  const auto& into = drawn_[next_drawn_];
  for (std::int64_t i = 0; i < chunk_; ++i) {
    inputs_.draw(first + i, into.transformed([&](const Tensor& all) { return all.select(0, i); }));
  }
  drawn_first_ = first;
}

// The device has done the chunk before when this one is handed over, so that the memory it was
// copied from is free to be drawn into.
void Program::begin_chunk(std::int64_t first) {
  if (drawn_first_ != first) draw_chunk(first);
  if (observed_ >= first_ && observed_ < next_) last_ = observation();
  backend_.wait();
  const auto from = drawn_[next_drawn_].tensors(), to = on_device_.tensors();
  backend_.run([&] {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i], /*non_blocking=*/true);
    cursor_.zero_();
  });
  next_drawn_ = 1 - next_drawn_;
  drawn_first_ = -1;
  first_ = next_ = first;
}

// One update, by operators alone.
Update Program::work(bool observed, bool recording) {
  const OperatorsOnly watched;
  const auto now = on_device_.transformed(
      [&](const Tensor& all) { return all.index_select(0, cursor_).squeeze(0); });
  auto step = inputs_.context(now, next_);
  if (recording) step.noise = step.noise.while_recording();
  const auto batch = now.batch();
  const bool with_parts = observed && parts_.before.defined();
  auto update = update_weights(components_, weights_, batch, all_, step, with_parts);
  const torch::NoGradGuard no_grad;
  if (observed) {
    losses_.index_copy_(0, cursor_, update.loss.unsqueeze(0));
    accuracies_.index_copy_(0, cursor_, batch_accuracy(update.logits, batch, all_).unsqueeze(0));
    directions_.copy_(update.directions);
    if (with_parts) {
      for (auto part : kUpdateParts) (parts_.*part).copy_(update.parts.*part);
    }
  }
  cursor_.add_(1);
  return update;
}

void Program::run_eagerly(bool observed) {
  backend_.run([&] { work(observed, /*recording=*/false); });
}

// Hands the next chunk over once this one is used up.
void Program::have_inputs() {
  if (next_ - first_ == chunk_) begin_chunk(next_);
}

void Program::step_by_operators() {
  have_inputs();
  run_eagerly(/*observed=*/false);
  ++next_;
}

void Program::step(bool observed) {
  have_inputs();
  if (attempt_.execution.recorded) {
    (observed ? attempt_.observed : attempt_.plain)->replay();
  } else {
    run_eagerly(observed);
  }
  if (observed) observed_ = next_;
  ++next_;
  if (next_ - first_ == chunk_) draw_chunk(next_);  // while the device is busy
}

StepRecord Program::record_step() {
  have_inputs();
  StepRecord record;
  backend_.run([&] {
    const auto place = next_ - first_;
    const auto update = work(/*observed=*/true, /*recording=*/false);
    record = {on_device_.transformed([&](const Tensor& all) { return all[place].clone(); }).batch(),
              update.logits.front(), update.loss, update.gradients};
  });
  backend_.wait();
  observed_ = next_++;
  return record;
}

Observation Program::observation() {
  if (observed_ < first_) return last_;
  Observation now;
  backend_.run([&] {
    const torch::NoGradGuard no_grad;
    now = {losses_[observed_ - first_].cpu(), accuracies_[observed_ - first_].cpu(), directions_,
           parts_};
  });
  backend_.wait();
  return now;
}

std::vector<Tensor> Program::state_tensors() const {
  std::vector<Tensor> all{weights_.flat(), cursor_, losses_, accuracies_, directions_};
  if (parts_.before.defined()) {
    for (auto part : kUpdateParts) all.push_back(parts_.*part);
  }
  for (const auto& [prefix, owner, state] : states_of(components_)) {
    for (const auto& [name, tensor] : state->tensors()) all.push_back(tensor);
  }
  return all;
}

ProgramState Program::copy_state() const {
  ProgramState state;
  backend_.run([&] {
    const torch::NoGradGuard no_grad;
    for (const auto& tensor : state_tensors()) state.emplace_back(tensor, tensor.clone());
  });
  return state;
}

void Program::restore(const ProgramState& state) {
  backend_.run([&] {
    const torch::NoGradGuard no_grad;
    for (const auto& tensor : state_tensors()) tensor.copy_(copy_of(tensor, state));
  });
  backend_.wait();
}

// A recording may do the work as well, so the state is put back after each.
void Program::record(Attempt& attempt, const ProgramState& start) {
  const auto make = [&](bool observed) {
    auto recording = backend_.record([&] { work(observed, /*recording=*/true); });
    restore(start);
    return recording;
  };
  attempt.plain = make(false);
  attempt.observed = make(true);
}

// Three replays against the same steps operator by operator: a number that the host computes anew
// for each step, or memory that is changed by other means than operators, comes to light.
void Program::check(Attempt& attempt, const ProgramState& start, const ProgramState& expected) {
  for (int i = 1; i < kCheckedSteps; ++i) attempt.plain->replay();
  attempt.observed->replay();
  backend_.wait();
  double worst = 0;
  for (const auto& [live, wanted] : expected) {
    worst = std::max(worst, disagreement(live, wanted, copy_of(live, start)));
  }
  restore(start);
  attempt.execution.recorded = worst <= kAgreement;
  attempt.execution.note =
      worst == 0 ? "equal bit for bit to steps operator by operator"
                 : fmt::format(
                       "three steps differ from those operator by operator by {:.1e} of "
                       "what they change",
                       worst);
}

Program::Attempt Program::attempt(const std::string& computation) {
  Attempt attempt;
  attempt.execution.computation = computation;
  const auto start = copy_state();
  try {
    for (int i = 1; i <= kCheckedSteps; ++i) run_eagerly(i == kCheckedSteps);
    const auto expected = copy_state();
    restore(start);
    record(attempt, start);
    check(attempt, start, expected);
  } catch (const std::exception& error) {
    restore(start);
    attempt.execution.recorded = false;
    attempt.execution.note = message_of(error);
  }
  return attempt;
}

double Program::time_replays(Recording& recording, const ProgramState& start) {
  backend_.wait();
  const auto begin = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < chunk_; ++i) recording.replay();
  backend_.wait();
  const auto seconds = seconds_since(begin);
  restore(start);
  return seconds / static_cast<double>(chunk_);
}

void Program::start(std::int64_t steps_done, const std::string& computation) {
  begin_chunk(steps_done);
  auto candidates =
      components_.model.call([](Model& model) { return model.recordable_computations(); });
  if (!computation.empty()) candidates = {computation};
  if (!candidates.empty() && !backend_.chooses_by_speed()) candidates.resize(1);
  const auto use = [&](const std::string& name) {
    components_.model.call([&](Model& model) { model.use_computation(name); });
  };
  const auto before = copy_state();
  std::optional<Attempt> best;
  for (const auto& name : candidates) {
    use(name);
    auto made = attempt(name);
    const bool timed = candidates.size() > 1 && made.execution.recorded;
    if (timed) made.seconds = time_replays(*made.plain, before);
    const bool better = !best || (made.execution.recorded &&
                                  (!best->execution.recorded || made.seconds < best->seconds));
    if (better) best = std::move(made);
  }
  if (candidates.empty()) best = attempt("");
  if (candidates.size() > 1) use(best->execution.computation);
  attempt_ = std::move(*best);
  observed_ = -1;
  if (!attempt_.execution.recorded) {
    spdlog::warn("steps run operator by operator, which is slower: {}", attempt_.execution.note);
  }
}

}  // namespace groklab
