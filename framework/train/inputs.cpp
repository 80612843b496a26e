#include "train/inputs.h"

#include <groklab/profile.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace groklab {

double schedule_factor(const Experiment& experiment, std::int64_t number) {
  const auto& schedule = experiment.schedule;
  const auto warmup = schedule.integer("warmup_steps");
  const auto skipped = schedule.text("warmup_start") == "zero" ? 1 : 0;
  if (number - skipped < warmup) {
    return static_cast<double>(number - skipped) / static_cast<double>(warmup);
  }
  const auto& shape = schedule.text("shape");
  if (shape == "constant") return 1.0;
  const auto peak = std::max<std::int64_t>(1, warmup + skipped);  // the update that has it
  const auto last = experiment.training.integer("steps");
  const auto way = static_cast<double>(std::max<std::int64_t>(1, last - peak));
  const auto progress = std::min(1.0, static_cast<double>(number - peak) / way);
  const auto height =
      shape == "linear" ? 1 - progress : (1 + std::cos(std::numbers::pi * progress)) / 2;
  return std::lerp(schedule.real("final_factor"), 1.0, height);
}

InputSource::InputSource(const std::vector<Experiment>& replicas, const std::vector<Table>& tables,
                         const std::vector<Split>& splits, torch::Dtype dtype)
    : replicas_(replicas), dtype_(dtype) {
  for (std::size_t r = 0; r < replicas.size(); ++r) {
    const auto rows = static_cast<std::int64_t>(splits[r].train.size());
    const auto size = batch_size(replicas[r].training.at("batch_size").value, rows);
    samplers_.emplace_back(tables[r], splits[r].train, size, replicas[r].seeds().batches);
    rows_ = std::max(rows_, size);
  }
}

StepInputs InputSource::allocate(std::int64_t updates, bool pinned) const {
  const auto make = [&](std::vector<std::int64_t> shape, torch::Dtype dtype) {
    shape.insert(shape.begin(), updates);
    return torch::empty(shape, torch::TensorOptions().dtype(dtype).pinned_memory(pinned));
  };
  return {make({3, replicas(), rows_}, torch::kInt64), make({replicas(), rows_}, dtype_),
          make({1 + replicas()}, torch::kFloat64)};
}

void InputSource::draw(std::int64_t steps_done, const StepInputs& into) {
  const TimedWork work(Work::sampling);
  const auto batch = into.batch();
  const auto row_weights = torch::empty({replicas(), rows_}, torch::kFloat64);
  for_each_replica(replicas(), [&](std::int64_t r) {
    const auto row = [&]<class T>(const Tensor& tensor, T) {
      return std::span(tensor.data_ptr<T>() + r * rows_, static_cast<std::size_t>(rows_));
    };
    samplers_[r].fill(steps_done, {row(batch.x, std::int64_t{}), row(batch.y, std::int64_t{}),
                                   row(batch.z, std::int64_t{}), row(row_weights, double{})});
  });
  batch.row_weights.copy_(row_weights);

  auto* numbers = into.numbers.data_ptr<double>();
  *numbers++ = static_cast<double>(steps_done + 1);
  for (const auto& replica : replicas_) {
    *numbers++ = replica.optimizer.real("learning_rate") * schedule_factor(replica, steps_done + 1);
  }
}

Step InputSource::context(const StepInputs& inputs, std::int64_t steps_done) const {
  std::vector<std::uint64_t> seeds;
  for (const auto& replica : replicas_) seeds.push_back(replica.seeds().noise);
  return {inputs.number(), inputs.learning_rate(), Noise(std::move(seeds), steps_done + 1)};
}

}  // namespace groklab
