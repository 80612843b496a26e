#include "train/trainer.h"

#include "spec/scalars.h"
#include "train/analysis.h"
#include "train/checkpoint_match.h"
#include "train/initial_weights.h"
#include "train/shape_check.h"
#include "train/tensor_bytes.h"

#include <ATen/Parallel.h>
#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace groklab {
namespace {

// The number of checkpoints of one step, "step" in their metadata.
std::int64_t step_of(const TensorFile& file, std::int64_t last) {
  const auto entry = file.metadata.find("step");
  const auto& text = entry == file.metadata.end() ? "" : entry->second;
  const auto step = parse_integer(text);
  if (!step || *step < 0 || *step > last) {
    throw Error(fmt::format("'{}' is not a step of this run", text));
  }
  return *step;
}

// values [R] as one more number of each replica's row.
void add_column(std::span<MetricsRow> rows, const std::string& name, const Tensor& values) {
  const auto numbers = values.to(torch::kCPU, torch::kFloat64).contiguous();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    rows[r].values.emplace_back(name, numbers.data_ptr<double>()[r]);
  }
}

// `label`: what the columns of this probe begin with.
void add_measurement(const Used<Probe>& probe, const std::string& label, const std::string& part,
                     const Tensor& values, std::span<MetricsRow> rows) {
  const auto name = part.empty() ? label : label + "." + part;
  const auto& taken = rows.front().values;
  if (name == "step" || std::any_of(taken.begin(), taken.end(),
                                    [&](const auto& value) { return value.first == name; })) {
    probe.fail(fmt::format("measures '{}', and that name is taken", name));
  }
  add_column(rows, name, values);
}

std::vector<std::uint64_t> init_seeds(const std::vector<Experiment>& replicas) {
  std::vector<std::uint64_t> seeds;
  for (const auto& replica : replicas) seeds.push_back(replica.seeds().init);
  return seeds;
}

}  // namespace

Trainer::Trainer(const Catalog& catalog, std::vector<Experiment> replicas,
                 std::shared_ptr<Backend> backend)
    : replicas_(std::move(replicas)),
      backend_(std::move(backend)),
      device_(backend_ ? backend_->device() : torch::kCPU),
      dtype_(replicas_.front().general.text("precision") == "float64" ? torch::kFloat64
                                                                      : torch::kFloat32),
      components_(assemble(catalog, replicas_)) {
  at::set_num_threads(1);  // parallel_for's threads are all that there are to be
  inputs_.emplace(replicas_, components_.tables, components_.splits, dtype_);
  evaluation_ = make_evaluation_data(components_.tables, components_.splits, device_);
  flat_ = initial_weights(*components_.layout, init_seeds(replicas_)).to(device_, dtype_);
  const Weights initial(components_.layout, flat_.clone());
  const torch::NoGradGuard no_grad;
  for (const auto& regularizer : components_.regularizers) {
    regularizer.call([&](Regularizer& r) { r.begin(initial); });
  }
}

// Each replica by itself, without the rows that only fill up.
std::vector<Slice> Trainer::slices() const {
  std::vector<Slice> all;
  for (std::int64_t r = 0; r < replicas(); ++r) {
    all.push_back({r, 1, sampler(r).valid_rows(steps_done_)});
  }
  return all;
}

void Trainer::prepare() {
  if (!backend_ || program_) return;
  program_.emplace(*backend_, components_, flat_, *inputs_);
  program_->start(steps_done_, computation_);
  computation_ = program_->execution().computation;
}

void Trainer::step(bool observed) {
  prepare();
  if (program_) {
    program_->step(observed);
    ++steps_done_;
  } else {
    update(observed, /*recorded=*/false);
  }
}

StepRecord Trainer::record_step() {
  prepare();
  if (!program_) return update(/*observed=*/true, /*recorded=*/true);
  ++steps_done_;
  return program_->record_step();
}

void Trainer::step_by_operators() {
  prepare();
  if (!program_) return step(/*observed=*/false);
  program_->step_by_operators();
  ++steps_done_;
}

void Trainer::wait() {
  if (program_) program_->wait();
}

// On the CPU.
StepRecord Trainer::update(bool observed, bool recorded) {
  auto inputs = inputs_->allocate(1).transformed([](const Tensor& all) { return all[0]; });
  inputs_->draw(steps_done_, inputs);
  const auto batch = inputs.batch();
  const auto parts = slices();
  auto made =
      update_weights(components_, weights(), batch, parts, inputs_->context(inputs, steps_done_),
                     observed && reads_update(components_));
  if (observed) {
    observation_ = {made.loss, batch_accuracy(made.logits, batch, parts), made.directions,
                    made.parts};
  }
  ++steps_done_;
  if (!recorded) return {};
  for (auto& one : made.logits) {  // rows that fill up repeat the first
    const auto missing = inputs_->rows() - one.size(1);
    one = torch::cat({one, one.narrow(1, 0, 1).expand({-1, missing, -1})}, 1);
  }
  return {batch, torch::cat(made.logits, 0), made.loss, made.gradients};
}

const Observation& Trainer::observation() {
  if (program_) observation_ = program_->observation();
  return observation_;
}

std::string Trainer::execution() const {
  if (program_) return program_->execution().text();
  const auto way = components_.model.call([](const Model& model) { return model.computation(); });
  return way + (way.empty() ? "" : ", ") + "each replica by itself";
}

std::vector<MetricsRow> Trainer::evaluate() {
  const TimedWork work(Work::evaluation);
  const torch::NoGradGuard no_grad;
  std::vector<MetricsRow> rows(replicas_.size());
  // Each replica's logits are dropped as soon as they are scored, unless a probe looks at them.
  Tensor logits;
  const auto& probes = components_.probes;
  if (std::any_of(probes.begin(), probes.end(), [](const auto& probe) {
        return probe.call([](Probe& p) { return p.reads_logits(); });
      })) {
    const auto elements = components_.tables.front().elements;
    logits = torch::empty({replicas(), elements * elements, elements}, flat_.options());
  }
  if (backend_) {
    backend_->run([&] {
      const OperatorsOnly as_in_steps;
      score(0, replicas(), rows, logits);
      add_batch_metrics(rows);
      measure(0, replicas(), rows, logits);
    });
    backend_->wait();
  } else {
    for_each_replica(replicas(), [&](std::int64_t r) { score(r, 1, rows, logits); });
    add_batch_metrics(rows);
    for (std::int64_t r = 0; r < replicas(); ++r) measure(r, 1, rows, logits);
  }
  return rows;
}

// Metrics of some replicas into their rows, and their logits into `kept` if that is defined.
void Trainer::score(std::int64_t first, std::int64_t count, std::vector<MetricsRow>& rows,
                    const Tensor& kept) {
  const torch::NoGradGuard no_grad_in_this_thread;
  const auto data = evaluation_.narrow(first, count);
  const auto logits = components_.model.call([&](Model& model) {
    return evaluate_logits(model, {components_.layout, flat_.narrow(0, first, count)}, data);
  });
  const auto elements = components_.tables.front().elements;
  require_shape(components_.model, "logits", logits, {count, elements * elements, elements});
  const auto metrics = split_metrics(logits, data).cpu();
  for (std::int64_t r = 0; r < count; ++r) {
    const auto* value = metrics.data_ptr<double>() + 4 * r;
    rows[first + r] = {steps_done_,
                       {{"train_loss", value[0]},
                        {"train_accuracy", value[1]},
                        {"val_loss", value[2]},
                        {"val_accuracy", value[3]}}};
  }
  if (kept.defined()) kept.narrow(0, first, count).copy_(logits);
}

void Trainer::add_batch_metrics(std::vector<MetricsRow>& rows) {
  const auto& last = observation();
  if (!last.loss.defined()) return;
  add_column(rows, "batch_loss", last.loss);
  add_column(rows, "batch_accuracy", last.accuracy);
}

// Probes of some replicas, into their rows.
void Trainer::measure(std::int64_t first, std::int64_t count, std::vector<MetricsRow>& rows,
                      const Tensor& logits) {
  if (components_.probes.empty()) return;
  const auto part = [&](const Tensor& all) {
    return all.defined() ? all.narrow(0, first, count) : Tensor();
  };
  const auto data = evaluation_.narrow(first, count);
  const auto& last = observation();
  const Weights current(components_.layout, flat_.narrow(0, first, count));
  Snapshot snapshot{current,
                    *components_.model.plugin,
                    *components_.loss.plugin,
                    part(last.directions),
                    {},
                    part(logits),
                    data.x,
                    data.y,
                    data.answers,
                    data.z,
                    data.train_mask,
                    data.val_mask};
  for (const auto member : kUpdateParts) snapshot.update.*member = part(last.parts.*member);
  const std::span measured_rows(rows.data() + first, static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < components_.probes.size(); ++i) {
    const auto& probe = components_.probes[i];
    const auto version = flat_._version();
    const auto measured = probe.call([&](Probe& p) { return p.measure(snapshot); });
    if (flat_._version() != version) probe.fail("changed the weights that it was to measure");
    for (const auto& [name, values] : measured) {
      require_shape(probe, name, values, {count});
      add_measurement(probe, replicas_.front().probes[i].label(), name, values, measured_rows);
    }
  }
}

TensorFile Trainer::save(std::int64_t replica) const {
  TensorFile file;
  file.metadata["step"] = std::to_string(steps_done_);
  if (!computation_.empty()) file.metadata["computation"] = computation_;
  add_weights(file, "parameters.", {components_.layout, flat_.narrow(0, replica, 1)});
  for (const auto& [prefix, owner, state] : states_of(components_)) {
    for (const auto& [name, tensor] : state->tensors()) {
      try {
        file.tensors.push_back(to_stored(prefix + name, tensor.narrow(0, replica, 1)));
      } catch (const std::exception& error) {
        throw PluginFailure(
            fmt::format("{}: its state '{}' cannot be saved: {}", owner, name, message_of(error)));
      }
    }
  }
  const auto add_rows = [&] {
    add_analysis(file, components_, replica, {components_.layout, flat_.narrow(0, replica, 1)});
  };
  backend_ ? backend_->run(add_rows) : add_rows();
  return file;
}

void Trainer::restore(const std::vector<TensorFile>& files) {
  const auto last = replicas_.front().training.integer("steps");
  steps_done_ = step_of(files.at(0), last);
  const auto& metadata = files[0].metadata;
  const auto computation = metadata.find("computation");
  computation_ = computation == metadata.end() ? "" : computation->second;
  program_.reset();  // it knows where tensors were that are replaced
  const torch::NoGradGuard no_grad;
  for (std::int64_t r = 0; r < replicas(); ++r) {
    if (step_of(files.at(r), last) != steps_done_) {
      throw std::logic_error("checkpoints of a pack are of different steps");
    }
    require_match(files[r], components_, r);
    copy_weights(files[r], "parameters.", {components_.layout, flat_.narrow(0, r, 1)});
  }
  for (const auto& [prefix, owner, state] : states_of(components_)) {
    state->tensors().clear();
    for (const auto& first : files[0].tensors) {
      if (!first.name.starts_with(prefix)) continue;
      std::vector<Tensor> rows;
      for (const auto& file : files) {
        rows.push_back(from_stored(file.at(first.name), first.shape).to(device_));
      }
      state->tensors()[first.name.substr(prefix.size())] = torch::cat(rows, 0);
    }
  }
}

}  // namespace groklab
