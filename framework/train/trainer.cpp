#include "train/trainer.h"

#include "spec/scalars.h"
#include "train/shape_check.h"
#include "train/tensor_bytes.h"

#include <ATen/Parallel.h>
#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <algorithm>
#include <cmath>

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

}  // namespace

double schedule_factor(const Section& schedule, std::int64_t number) {
  const auto warmup = schedule.integer("warmup_steps");
  return number < warmup ? static_cast<double>(number) / static_cast<double>(warmup) : 1.0;
}

torch::Device choose_device(const Experiment& experiment) {
  if (experiment.general.text("device") == "cuda") {
    Problems problems;
    problems.add(experiment.general.at("device").mark, "device",
                 "this build has no CUDA backend; use cpu or auto");
    problems.throw_if_any();
  }
  return torch::kCPU;
}

Trainer::Trainer(const Catalog& catalog, std::vector<Experiment> replicas, torch::Device device)
    : replicas_(std::move(replicas)),
      device_(device),
      dtype_(replicas_.front().general.text("precision") == "float64" ? torch::kFloat64
                                                                      : torch::kFloat32),
      components_(assemble(catalog, replicas_)) {
  at::set_num_threads(1);  // parallel_for's threads are all that there are to be
  make_samplers();
  evaluation_ = make_evaluation_data(components_.tables, splits_, device_);
  flat_ = initial_weights();
  const Weights initial(components_.layout, flat_.clone());
  const torch::NoGradGuard no_grad;
  for (const auto& regularizer : components_.regularizers) {
    regularizer.call([&](Regularizer& r) { r.begin(initial); });
  }
}

void Trainer::make_samplers() {
  Problems problems;
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    const auto& table = components_.tables[r];
    const auto& data = replicas_[r].data;
    try {
      splits_.push_back(
          split_rows(table.rows(), data.real("train_fraction"), replicas_[r].seeds().split));
    } catch (const Error& error) {
      problems.add(data.at("train_fraction").mark, "data.train_fraction", error.what());
      problems.throw_if_any();
    }
    const auto rows = static_cast<std::int64_t>(splits_[r].train.size());
    const auto size = batch_size(replicas_[r].training.at("batch_size").value, rows);
    samplers_.emplace_back(table, splits_[r].train, size, replicas_[r].seeds().batches);
    batch_width_ = std::max(batch_width_, size);
  }
}

Tensor Trainer::initial_weights() const {
  const auto& layout = *components_.layout;
  auto flat = torch::zeros({replicas(), layout.buffer_size()}, torch::kFloat64);
  for (std::int64_t r = 0; r < replicas(); ++r) {
    const RandomStream stream(replicas_[r].seeds().init, Purpose::init);
    auto* row = flat[r].data_ptr<double>();
    for (const auto& [name, shape, initializer, offset, count] : layout.entries()) {
      const auto source = hash_name(name);
      for (std::int64_t i = 0; i < count; ++i) {
        auto& value = row[offset + i];
        switch (initializer.kind) {
          case Initializer::Kind::normal:
            value = initializer.scale * stream.normal(source, i);
            break;
          case Initializer::Kind::uniform:
            value = initializer.scale * (2 * stream.uniform(source, i) - 1);
            break;
          case Initializer::Kind::constant:
            value = initializer.scale;
            break;
        }
      }
    }
  }
  return flat.to(device_, dtype_);
}

Batch Trainer::next_batch() {
  const TimedWork work(Work::sampling);
  const std::vector<std::int64_t> shape{replicas(), batch_width_};
  Batch batch{torch::empty(shape, torch::kInt64), torch::empty(shape, torch::kInt64),
              torch::empty(shape, torch::kInt64), torch::empty(shape, torch::kFloat64)};
  const auto width = static_cast<std::size_t>(batch_width_);
  for_each_replica(replicas(), [&](std::int64_t r) {
    const auto row = [&](const Tensor& tensor) {
      return std::span(tensor.data_ptr<std::int64_t>() + r * batch_width_, width);
    };
    samplers_[r].fill(steps_done_,
                      {row(batch.x), row(batch.y), row(batch.z),
                       std::span(batch.row_weights.data_ptr<double>() + r * batch_width_, width)});
  });
  batch.row_weights = batch.row_weights.to(dtype_);
  return batch;
}

// Each replica by itself, without the rows that only fill up.
std::vector<Slice> Trainer::slices() const {
  std::vector<Slice> all;
  for (std::int64_t r = 0; r < replicas(); ++r) {
    all.push_back({r, 1, samplers_[r].valid_rows(steps_done_)});
  }
  return all;
}

Step Trainer::step_context() const {
  const auto number = steps_done_ + 1;
  std::vector<double> rates;
  std::vector<std::uint64_t> seeds;
  for (const auto& replica : replicas_) {
    rates.push_back(replica.optimizer.real("learning_rate") *
                    schedule_factor(replica.schedule, number));
    seeds.push_back(replica.seeds().noise);
  }
  const auto options = torch::TensorOptions().dtype(torch::kFloat64);
  return {torch::full({1}, static_cast<double>(number), options).to(device_),
          torch::tensor(rates, options).to(device_), Noise(std::move(seeds), number)};
}

void Trainer::step() { update(next_batch()); }

StepRecord Trainer::record_step() {
  StepRecord record{next_batch(), {}, {}, {}};
  const auto gradients = update(record.batch);
  record.loss = gradients.loss;
  record.gradients = gradients.flat;
  std::vector<Tensor> logits;
  for (const auto& one : gradients.logits) {  // rows that fill up repeat the first
    const auto missing = batch_width_ - one.size(1);
    logits.push_back(torch::cat({one, one.narrow(1, 0, 1).expand({-1, missing, -1})}, 1));
  }
  record.logits = torch::cat(logits, 0);
  return record;
}

Gradients Trainer::update(const Batch& batch) {
  const auto context = step_context();
  auto gradients = compute_gradients(components_, flat_, batch, slices(), context);
  descend(context, gradients.flat);
  loss_ = gradients.loss;
  ++steps_done_;
  return gradients;
}

void Trainer::descend(const Step& context, const Tensor& gradients) {
  const torch::NoGradGuard no_grad;
  // Regularisers change a copy, so that the record keeps the gradient of the loss.
  gradients_ = components_.regularizers.empty() ? gradients : gradients.clone();
  const Weights weights(components_.layout, flat_);
  const Weights directions(components_.layout, gradients_);
  for (const auto& regularizer : components_.regularizers) {
    regularizer.call([&](Regularizer& r) { r.on_gradients(weights, directions, context); });
  }
  components_.optimizer.call([&](Optimizer& optimizer) {
    const TimedWork work(Work::optimizer);
    optimizer.step(weights, directions, context);
  });
  for (const auto& regularizer : components_.regularizers) {
    regularizer.call([&](Regularizer& r) { r.after_step(weights, context); });
  }
}

std::vector<MetricsRow> Trainer::evaluate() {
  const TimedWork work(Work::evaluation);
  const torch::NoGradGuard no_grad;
  const auto current = weights();
  // Probes look at all logits; without any, each replica's are dropped as soon as they are scored.
  const auto elements = components_.tables.front().elements, pairs = elements * elements;
  Tensor logits;
  if (!components_.probes.empty()) {
    logits = torch::empty({replicas(), pairs, elements}, flat_.options());
  }
  std::vector<MetricsRow> rows(replicas_.size());
  for_each_replica(replicas(), [&](std::int64_t r) {
    const torch::NoGradGuard no_grad_in_this_thread;
    const auto data = evaluation_.narrow(r, 1);
    const auto own = components_.model.call([&](Model& model) {
      return evaluate_logits(model, {components_.layout, flat_.narrow(0, r, 1)}, data);
    });
    require_shape(components_.model, "logits", own, {1, pairs, elements});
    const auto metrics = split_metrics(own, data).cpu();
    const auto* value = metrics.data_ptr<double>();
    rows[r] = {steps_done_,
               {{"train_loss", value[0]},
                {"train_accuracy", value[1]},
                {"val_loss", value[2]},
                {"val_accuracy", value[3]}}};
    if (logits.defined()) logits.narrow(0, r, 1).copy_(own);
  });
  measure(rows, {current, gradients_, logits, evaluation_.z, evaluation_.train_mask,
                 evaluation_.val_mask});
  return rows;
}

void Trainer::measure(std::vector<MetricsRow>& rows, const Snapshot& snapshot) {
  for (const auto& probe : components_.probes) {
    const auto version = flat_._version();
    const auto measured = probe.call([&](Probe& p) { return p.measure(snapshot); });
    if (flat_._version() != version) probe.fail("changed the weights that it was to measure");
    for (const auto& [part, values] : measured) {
      require_shape(probe, part, values, {replicas()});
      const auto name = part.empty() ? probe.name : probe.name + "." + part;
      const auto& taken = rows.front().values;
      if (name == "step" || std::any_of(taken.begin(), taken.end(),
                                        [&](const auto& value) { return value.first == name; })) {
        probe.fail(fmt::format("measures '{}', and that name is taken", name));
      }
      const auto numbers = values.to(torch::kCPU, torch::kFloat64).contiguous();
      for (std::int64_t r = 0; r < replicas(); ++r) {
        rows[r].values.emplace_back(name, numbers.data_ptr<double>()[r]);
      }
    }
  }
}

std::vector<Trainer::OwnedState> Trainer::states() const {
  const auto& [name, optimizer] = components_.optimizer;
  std::vector<OwnedState> all{{"optimizer.", "optimizer " + name, &optimizer->named_state()}};
  for (std::size_t i = 0; i < components_.regularizers.size(); ++i) {
    const auto& [name, regularizer] = components_.regularizers[i];
    all.push_back(
        {fmt::format("regularizers.{}.", i), "regularizer " + name, &regularizer->named_state()});
  }
  return all;
}

TensorFile Trainer::save(std::int64_t replica) const {
  TensorFile file;
  file.metadata["step"] = std::to_string(steps_done_);
  add_weights(file, "parameters.", {components_.layout, flat_.narrow(0, replica, 1)});
  for (const auto& [prefix, owner, state] : states()) {
    for (const auto& [name, tensor] : state->tensors()) {
      try {
        file.tensors.push_back(to_stored(prefix + name, tensor.narrow(0, replica, 1)));
      } catch (const std::exception& error) {
        throw PluginFailure(
            fmt::format("{}: its state '{}' cannot be saved: {}", owner, name, message_of(error)));
      }
    }
  }
  return file;
}

void Trainer::restore(const std::vector<TensorFile>& files) {
  const auto last = replicas_.front().training.integer("steps");
  steps_done_ = step_of(files.at(0), last);
  const torch::NoGradGuard no_grad;
  for (std::int64_t r = 0; r < replicas(); ++r) {
    if (step_of(files.at(r), last) != steps_done_) {
      throw std::logic_error("checkpoints of a pack are of different steps");
    }
    const Weights own(components_.layout, flat_.narrow(0, r, 1));
    for (std::size_t i = 0; i < components_.layout->entries().size(); ++i) {
      const auto& name = components_.layout->entries()[i].name;
      own.at(i).copy_(from_stored(files[r].at("parameters." + name), own.at(i).sizes()));
    }
  }
  for (const auto& [prefix, owner, state] : states()) {
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
