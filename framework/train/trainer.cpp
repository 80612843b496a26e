#include "train/trainer.h"

#include "spec/scalars.h"
#include "train/tensor_bytes.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

// What a plugin returned has to be of `shape`.
template <class Kind>
void require_shape(const Used<Kind>& used, std::string_view what, const Tensor& tensor,
                   torch::IntArrayRef shape) {
  if (tensor.defined() && tensor.sizes() == shape) return;
  const auto found = tensor.defined() ? fmt::format("[{}]", fmt::join(tensor.sizes(), ", "))
                                      : std::string("no tensor");
  used.fail(fmt::format("returned {} {}, expected [{}]", what, found, fmt::join(shape, ", ")));
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
  evaluation_ = make_evaluation_data(components_.tables, splits_, device_);
  flat_ = initial_weights();
  const Weights initial(components_.layout, flat_.clone());
  const torch::NoGradGuard no_grad;
  for (const auto& regularizer : components_.regularizers) {
    regularizer.call([&](Regularizer& r) { r.begin(initial); });
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

void Trainer::next_batch(StepRecord& record) {
  const std::vector<std::int64_t> shape{replicas(), batch_width_};
  record.x = torch::empty(shape, torch::kInt64);
  record.y = torch::empty(shape, torch::kInt64);
  record.z = torch::empty(shape, torch::kInt64);
  record.row_weights = torch::empty(shape, torch::kFloat64);
  const auto width = static_cast<std::size_t>(batch_width_);
  for (std::int64_t r = 0; r < replicas(); ++r) {
    const auto row = [&](Tensor& tensor) {
      return std::span(tensor.data_ptr<std::int64_t>() + r * batch_width_, width);
    };
    samplers_[r].fill(steps_done_,
                      {row(record.x), row(record.y), row(record.z),
                       std::span(record.row_weights.data_ptr<double>() + r * batch_width_, width)});
  }
  for (auto* tensor : {&record.x, &record.y, &record.z}) *tensor = tensor->to(device_);
  record.row_weights = record.row_weights.to(device_, dtype_);
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

void Trainer::forward(const Tensor& leaf, const Step& context, StepRecord& record) {
  auto used = leaf;
  for (const auto& regularizer : components_.regularizers) {
    used = regularizer.call([&](Regularizer& r) { return r.before_forward(used, context); });
    require_shape(regularizer, "weights", used, leaf.sizes());
  }
  const Weights weights(components_.layout, used);
  record.logits = components_.model.call([&](Model& model) {
    return model.forward(weights, {record.x, record.y, &context});
  });
  const auto elements = components_.tables.front().elements;
  require_shape(components_.model, "logits", record.logits, {replicas(), batch_width_, elements});

  record.loss = components_.loss.call(
      [&](Loss& loss) { return loss.forward(record.logits, record.z, record.row_weights); });
  require_shape(components_.loss, "loss", record.loss, {replicas()});
  for (const auto& regularizer : components_.regularizers) {
    const auto penalty =
        regularizer.call([&](Regularizer& r) { return r.penalty(weights, context); });
    if (!penalty.defined()) continue;
    require_shape(regularizer, "penalty", penalty, {replicas()});
    record.loss = record.loss + penalty;
  }
}

Tensor Trainer::backward(const Tensor& loss, const Tensor& leaf) const {
  try {
    return torch::autograd::grad({loss}, {leaf}, {torch::ones_like(loss)})[0];
  } catch (const std::exception& error) {
    throw PluginFailure(fmt::format("the backward pass of model {} and loss {}: {}",
                                    components_.model.name, components_.loss.name,
                                    message_of(error)));
  }
}

StepRecord Trainer::step() {
  StepRecord record;
  next_batch(record);
  const auto context = step_context();

  // The flat buffer is the only leaf: one gradient [R, P], and no replica reaches another's row.
  const auto leaf = flat_.detach().requires_grad_(true);
  forward(leaf, context, record);
  record.gradients = backward(record.loss, leaf);
  record.logits = record.logits.detach();
  record.loss = record.loss.detach();

  descend(context, record.gradients);
  ++steps_done_;
  return record;
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
  components_.optimizer.call(
      [&](Optimizer& optimizer) { optimizer.step(weights, directions, context); });
  for (const auto& regularizer : components_.regularizers) {
    regularizer.call([&](Regularizer& r) { r.after_step(weights, context); });
  }
}

std::vector<MetricsRow> Trainer::evaluate() {
  const torch::NoGradGuard no_grad;
  const auto current = weights();
  const auto logits = components_.model.call(
      [&](Model& model) { return evaluate_logits(model, current, evaluation_); });
  require_shape(components_.model, "logits", logits,
                {replicas(), evaluation_.x.size(1), components_.tables.front().elements});
  const auto metrics = split_metrics(logits, evaluation_).cpu();
  std::vector<MetricsRow> rows(replicas_.size());
  for (std::int64_t r = 0; r < replicas(); ++r) {
    const auto* value = metrics[r].data_ptr<double>();
    rows[r] = {steps_done_,
               {{"train_loss", value[0]},
                {"train_accuracy", value[1]},
                {"val_loss", value[2]},
                {"val_accuracy", value[3]}}};
  }
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

TensorFile Trainer::save() const {
  TensorFile file;
  file.metadata["step"] = std::to_string(steps_done_);
  add_weights(file, "parameters.", weights());
  for (const auto& [prefix, owner, state] : states()) {
    for (const auto& [name, tensor] : state->tensors()) {
      try {
        file.tensors.push_back(to_stored(prefix + name, tensor));
      } catch (const std::exception& error) {
        throw PluginFailure(
            fmt::format("{}: its state '{}' cannot be saved: {}", owner, name, message_of(error)));
      }
    }
  }
  return file;
}

void Trainer::restore(const TensorFile& file) {
  const auto current = weights();
  for (std::size_t i = 0; i < components_.layout->entries().size(); ++i) {
    const auto& name = components_.layout->entries()[i].name;
    current.at(i).copy_(from_stored(file.at("parameters." + name), current.at(i).sizes()));
  }
  for (const auto& [prefix, owner, state] : states()) {
    state->tensors().clear();
    for (const auto& tensor : file.tensors) {
      if (!tensor.name.starts_with(prefix)) continue;
      state->tensors()[tensor.name.substr(prefix.size())] =
          from_stored(tensor, tensor.shape).to(device_);
    }
  }
  const auto entry = file.metadata.find("step");
  const auto& text = entry == file.metadata.end() ? "" : entry->second;
  const auto step = parse_integer(text);
  if (!step || *step < 0 || *step > replicas_.front().training.integer("steps")) {
    throw Error(fmt::format("'{}' is not a step of this run", text));
  }
  steps_done_ = *step;
}

}  // namespace groklab
