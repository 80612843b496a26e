// A pack of one replica and a pack of two tell apart what each replica adds and what is there once.
#include "app/pack_cost.h"

#include "app/operator_marks.h"
#include "app/tensor_memory.h"
#include "spec/at_place.h"
#include "store/metrics.h"
#include "train/trainer.h"

#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <algorithm>

namespace groklab {
namespace {

constexpr std::int64_t kFewRows = 16;
constexpr double kMaskedPairBytes = 4 * 8 + 2;  // x, y, z, answers; on which side of the split
constexpr std::int64_t kPairsOfOneForward = 1 << 14;   // beyond, logits are put together of parts
constexpr double kNamedTensorBytes = 120;              // of a checkpoint's header
constexpr double kEventBytes = 45, kScalarBytes = 13;  // of TensorBoard's, besides names
constexpr double kLogLineBytes = 140;

// What a piece of work took: multiply-adds, bytes of tensors at most and of all that it made, other
// bytes that were there afterwards.
struct Taken {
  double multiply_adds = 0, tensor_bytes = 0, allocated = 0, others = 0;

  double bytes() const { return tensor_bytes + others; }
};

// The bytes of a pack when it was made, in a step, and between steps.
struct TrialBytes {
  double made = 0, step = 0, held = 0;
};

// Of the bytes of one replica's work, those that each replica has of its own, and the rest.
PackCost::Bytes apart(double of_one, double own) { return {own, std::max(0.0, of_one - own)}; }

template <class Action>
Taken taken_by(TensorMemory& memory, Action action) {
  const OperatorMarks marks;
  const auto allocated = memory.allocated();
  memory.restart_peak();
  start_profile();
  action();
  const auto profile = stop_profile();
  return {static_cast<double>(profile.multiply_adds), static_cast<double>(memory.peak()),
          static_cast<double>(memory.allocated() - allocated),
          static_cast<double>(memory.others())};
}

// One thread, so that one replica is computed at a time.
class OneThread {
 public:
  OneThread() : before_(thread_count()) { set_thread_count(1); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() { set_thread_count(before_); }

 private:
  int before_;
};

std::vector<Experiment> copies_with_few_rows(const Experiment& experiment, std::int64_t replicas) {
  std::vector<Experiment> copies(static_cast<std::size_t>(replicas), experiment);
  for (auto& copy : copies) {
    for (auto& setting : copy.training.settings) {
      if (setting.key == "batch_size") setting.value = kFewRows;
    }
  }
  return copies;
}

// Copies of a cell as a pack on the CPU, whose steps may have any number of rows.
class TrialPack {
 public:
  TrialPack(const Catalog& catalog, const Experiment& experiment, std::int64_t replicas,
            bool together) {
    made_ = taken_by(
        memory_, [&] { trainer_.emplace(catalog, copies_with_few_rows(experiment, replicas)); });
    make_slices(replicas, together);
    if (together) {
      trainer_->components().model.call([](Model& model) {
        const auto ways = model.recordable_computations();
        if (!ways.empty()) model.use_computation(ways.front());
      });
    }
    trainer_->step();  // makes the state of plugins, and what probes look at
  }

  const Taken& made() const { return made_; }
  Trainer& trainer() { return *trainer_; }
  double held() const { return static_cast<double>(memory_.held() + memory_.others()); }

  // An update with so many rows, as a Trainer makes it.
  Taken step(std::int64_t rows) {
    const auto& components = trainer_->components();
    const auto replicas = trainer_->replicas(), elements = components.tables.front().elements;
    const auto options = trainer_->weights().flat().options();
    auto slices = slices_;
    for (auto& slice : slices) slice.rows = rows;
    return taken_by(memory_, [&] {
      const auto tokens =
          torch::arange(rows, torch::kInt64).remainder(elements).repeat({replicas, 1});
      const Batch batch{tokens, tokens, tokens,
                        torch::full({replicas, rows}, 1.0 / static_cast<double>(rows), options)};
      const Step step{torch::full({1}, 2.0, torch::kFloat64),
                      torch::full({replicas}, 1e-3, torch::kFloat64),
                      Noise(std::vector<std::uint64_t>(static_cast<std::size_t>(replicas)), 2)};
      update_weights(components, trainer_->weights(), batch, slices, step,
                     reads_update(components));
    });
  }

  Taken evaluation() {
    return taken_by(memory_, [&] { row_ = trainer_->evaluate().front(); });
  }

  const MetricsRow& row() const { return row_; }  // of the evaluation

 private:
  void make_slices(std::int64_t replicas, bool together) {
    if (together) {
      slices_.push_back({0, replicas, 0});
    } else {
      for (std::int64_t r = 0; r < replicas; ++r) slices_.push_back({r, 1, 0});
    }
  }

  const OneThread one_thread_;
  TensorMemory memory_;
  Taken made_;
  std::optional<Trainer> trainer_;  // goes before its memory's count does
  std::vector<Slice> slices_;
  MetricsRow row_;
};

std::int64_t count_parameters(const Catalog& catalog, const Section& section,
                              std::int64_t elements) {
  return at_place(section.mark, "model", [&] {
    const Used<Model> model{section.plugin,
                            catalog.create<Model>(section.plugin, section.params())};
    return model.call([&](Model& made) { return made.build({elements}); }).count();
  });
}

bool reads_logits(const Catalog& catalog, const Experiment& experiment) {
  for (std::size_t i = 0; i < experiment.probes.size(); ++i) {
    const auto& section = experiment.probes[i];
    const bool reads = at_place(section.mark, fmt::format("probes.{}", i), [&] {
      return catalog.create<Probe>(section.plugin, section.params())->reads_logits();
    });
    if (reads) return true;
  }
  return false;
}

double checkpoint_bytes(const Trainer& trainer) {
  double bytes = 0;
  const auto file = trainer.save(0);
  for (const auto& tensor : file.tensors) {
    bytes += static_cast<double>(tensor.bytes.size()) + kNamedTensorBytes;
  }
  for (const auto& [key, value] : file.metadata) {
    bytes += static_cast<double>(key.size() + value.size());
  }
  return bytes;
}

double metrics_bytes(const MetricsRow& row) {
  double bytes = static_cast<double>(to_json_line(row).size()) + kEventBytes + kLogLineBytes;
  for (const auto& [name, value] : row.values) {
    bytes += kScalarBytes + static_cast<double>(name.size());
  }
  return bytes;
}

// As many rows as surely fit: a step holds no more than all that it allocates.
std::int64_t rows_that_fit(TrialPack& pack, std::int64_t rows, std::int64_t memory) {
  const auto few = std::min(rows, kFewRows);
  const auto bytes_of_row = pack.step(few).allocated / static_cast<double>(few);
  const auto left = static_cast<double>(memory) - 2 * pack.held();  // of a pack of two
  while (rows > few && 2 * bytes_of_row * static_cast<double>(rows) > left) rows /= 2;
  return std::max(rows, few);
}

void count_step(TrialPack& one, std::int64_t rows, PackCost& cost) {
  const auto fewer = std::max<std::int64_t>(1, rows / 2);
  const auto less = one.step(fewer).multiply_adds, all = one.step(rows).multiply_adds;
  const auto count = static_cast<double>(rows);
  if (rows > fewer) cost.row_multiply_adds = (all - less) / (count - static_cast<double>(fewer));
  cost.step_multiply_adds = all - cost.row_multiply_adds * count;
}

TrialBytes bytes_of(const Catalog& catalog, const Experiment& experiment, std::int64_t replicas,
                    bool together, std::int64_t rows) {
  TrialPack pack(catalog, experiment, replicas, together);
  const auto step = pack.step(rows).bytes();
  return {pack.made().bytes(), step, pack.held()};
}

}  // namespace

double PackShape::logits_bytes() const {
  const auto count = static_cast<double>(elements);
  return count * count * count * static_cast<double>(number_bytes);
}

double PackShape::least_bytes(std::int64_t replicas) const {
  const auto pairs = static_cast<double>(elements * elements);
  const auto number = static_cast<double>(number_bytes), all = static_cast<double>(replicas);
  const auto logits = logits_bytes();
  const bool in_parts = elements * elements > kPairsOfOneForward;
  const auto own = 2 * static_cast<double>(parameters) * number + kMaskedPairBytes * pairs;
  const auto at_a_time = (in_parts ? 2 : 1) * logits * (together ? all : 1);
  return all * (own + (keeps_logits ? logits : 0)) + at_a_time;
}

PackShape shape_of(const Catalog& catalog, const Experiment& experiment, std::int64_t elements,
                   bool together) {
  return {elements, count_parameters(catalog, experiment.model, elements),
          experiment.general.text("precision") == "float64" ? 8 : 4,
          reads_logits(catalog, experiment), together};
}

double PackCost::bytes(std::int64_t replicas, std::int64_t at_once) const {
  const auto of = [&](const Bytes& work, std::int64_t times) {
    return static_cast<double>(replicas) * work.own + static_cast<double>(times) * work.shared;
  };
  return std::max({of(made, 1), of(step, at_once), of(evaluation, at_once)});
}

std::int64_t computed_at_once(std::int64_t replicas, std::int64_t threads) {
  return replicas % threads == 0 || replicas >= 4 * threads ? threads : 1;
}

PackCost count_cost(const Catalog& catalog, const Experiment& experiment, const PackShape& shape,
                    std::int64_t rows, std::int64_t memory) {
  PackCost cost;
  std::int64_t counted = 0;
  double of_evaluation = 0;
  {
    // The first pack of a process also takes memory that is taken once, so others are compared.
    TrialPack first(catalog, experiment, 1, shape.together);
    counted = rows_that_fit(first, rows, memory);
    count_step(first, counted, cost);
    const auto evaluation = first.evaluation();
    cost.evaluation_multiply_adds = evaluation.multiply_adds;
    of_evaluation = evaluation.tensor_bytes;
    cost.checkpoint_bytes = checkpoint_bytes(first.trainer());
    cost.metrics_bytes = metrics_bytes(first.row());
  }
  const auto one = bytes_of(catalog, experiment, 1, shape.together, counted);
  const auto two = bytes_of(catalog, experiment, 2, shape.together, counted);
  cost.made = apart(one.made, two.made - one.made);
  cost.step = apart(one.step, two.step - one.step);
  cost.step.shared *= static_cast<double>(rows) / static_cast<double>(counted);
  const auto kept = two.held - one.held + (shape.keeps_logits ? shape.logits_bytes() : 0);
  cost.evaluation = apart(of_evaluation, shape.together ? of_evaluation : kept);
  return cost;
}

}  // namespace groklab
