#include "base/text.h"
#include "check/samples.h"
#include "check/subject.h"

#include <groklab/probe.h>
#include <torch/csrc/autograd/autograd.h>

#include <map>
#include <optional>

namespace groklab {
namespace {

constexpr std::int64_t kElements = 7;

// Three replicas of a small network that learns x + y (mod 7), as an evaluation shows them: `count`
// of them from `first` on.
class Shown {
 public:
  Shown(std::int64_t first, std::int64_t count, bool before_the_first_step)
      : model_(own_plugin<Model>("mlp")), loss_(own_plugin<Loss>("cross_entropy")) {
    layout_ = std::make_shared<const ParameterLayout>(model_->build({kElements}));
    auto flat = torch::zeros({Subject::kReplicas, layout_->buffer_size()}, torch::kFloat64);
    flat.narrow(1, 0, layout_->count())
        .copy_(sample_numbers({Subject::kReplicas, layout_->count()}));
    weights_.emplace(layout_, flat.narrow(0, first, count).contiguous());
    snapshot_.emplace(Snapshot{*weights_, *model_, *loss_, {}, {}, {}, {}, {}, {}, {}, {}, {}});
    show_pairs(count);
    snapshot_->logits = model_->forward(*weights_, {snapshot_->x, snapshot_->y, nullptr});
    if (!before_the_first_step) show_a_step();
  }

  // Without what the probe says it does not read, as a trainer shows it.
  Snapshot snapshot_for(const Probe& probe) const {
    auto part = *snapshot_;
    if (!probe.reads_logits()) part.logits = Tensor();
    if (!probe.reads_update()) part.update = UpdateParts();
    return part;
  }

  std::vector<Tensor> tensors() const {
    const auto& s = *snapshot_;
    return {weights_->flat(),
            s.logits,
            s.x,
            s.y,
            s.answers,
            s.targets,
            s.train_mask,
            s.val_mask,
            s.gradients,
            s.update.before,
            s.update.from_optimizer,
            s.update.from_decay,
            s.update.from_regularizers};
  }

 private:
  // One of the program's own, whatever else is on the search path.
  template <class Kind>
  static std::unique_ptr<Kind> own_plugin(const std::string& name) {
    const Catalog catalog({search_path({}, {}).back()});
    return catalog.create<Kind>(name,
                                Params::from_defaults(schema_of(catalog.find(Kind::kKind, name))));
  }

  void show_pairs(std::int64_t count) {
    auto& s = *snapshot_;
    const auto numbers = torch::arange(kElements, torch::kInt64);
    s.x = numbers.repeat_interleave(kElements).repeat({count, 1});
    s.y = numbers.repeat({count, kElements});
    s.answers = (s.x + s.y).remainder(kElements);
    s.targets = s.answers.clone();
    s.train_mask = (3 * s.x + 2 * s.y).remainder(5).lt(3);
    s.val_mask = s.train_mask.logical_not();
  }

  void show_a_step() {
    auto& s = *snapshot_;
    const auto leaf = weights_->flat().clone().requires_grad_(true);
    s.gradients = torch::autograd::grad({s.train_loss({layout_, leaf}).sum()}, {leaf})[0];
    s.update = {weights_->flat() + 0.01 * s.gradients, -0.009 * s.gradients, -0.001 * s.gradients,
                torch::zeros_like(s.gradients)};
  }

  std::unique_ptr<Model> model_;
  std::unique_ptr<Loss> loss_;
  std::shared_ptr<const ParameterLayout> layout_;
  std::optional<Weights> weights_;
  std::optional<Snapshot> snapshot_;
};

Probe::Measurements measured(const Subject& subject, const Shown& shown) {
  const torch::NoGradGuard no_grad;
  const auto probe = subject.make<Probe>();
  return probe->measure(shown.snapshot_for(*probe));
}

std::vector<std::string> names_of(const Probe::Measurements& measurements) {
  std::vector<std::string> names;
  for (const auto& [name, values] : measurements) names.push_back(name);
  return names;
}

void names_what_it_measures(const Subject& subject) {
  std::vector<std::string> names_at_the_start;
  for (const bool before : {true, false}) {
    const auto all = measured(subject, Shown(0, 1, before));
    for (const auto& [name, values] : all) {
      require(values.dim() == 1 && values.size(0) == 1,
              fmt::format("'{}' is [{}], not one number a replica", name,
                          fmt::join(values.sizes(), ", ")));
    }
    const auto names = names_of(all);
    require(!names.empty(), "it measures nothing");
    require(std::set(names.begin(), names.end()).size() == names.size(),
            "it gives a name twice: " + join(names, ", "));
    if (before) names_at_the_start = names;
    require(names == names_at_the_start,
            fmt::format("before the first step it measures {}, and after it {}; what is not known "
                        "yet is NaN",
                        join(names_at_the_start, ", "), join(names, ", ")));
  }
}

void changes_nothing(const Subject& subject) {
  const Shown shown(0, 3, false), untouched(0, 3, false);
  measured(subject, shown);
  const auto after = shown.tensors(), before = untouched.tensors();
  for (std::size_t i = 0; i < after.size(); ++i) {
    require_equal(after[i], before[i], "what it was shown, before and after");
  }
}

void repeats_itself(const Subject& subject) {
  const Shown shown(0, 1, false);
  const auto one = measured(subject, shown), other = measured(subject, shown);
  require(names_of(one) == names_of(other), "it measures other things the second time");
  for (std::size_t i = 0; i < one.size(); ++i) {
    require_equal(other[i].second, one[i].second, "'" + one[i].first + "' twice");
  }
}

void keeps_replicas_apart(const Subject& subject) {
  const auto pack = measured(subject, Shown(0, Subject::kReplicas, false));
  for (std::int64_t r = 0; r < static_cast<std::int64_t>(Subject::kReplicas); ++r) {
    const auto alone = measured(subject, Shown(r, 1, false));
    require(names_of(alone) == names_of(pack), "a pack has other measurements than a replica");
    for (std::size_t i = 0; i < alone.size(); ++i) {
      const auto of_pack = pack[i].second.narrow(0, r, 1);
      if (of_pack.isnan().all().item<bool>() && alone[i].second.isnan().all().item<bool>())
        continue;
      require_close(of_pack, alone[i].second, 1e-6, "'" + alone[i].first + "' in a pack and alone");
    }
  }
}

}  // namespace

std::vector<Check> probe_checks(const Subject& subject) {
  return {
      {"names what it measures, one number a replica", [&] { names_what_it_measures(subject); }},
      {"changes nothing", [&] { changes_nothing(subject); }},
      {"gives the same bits again", [&] { repeats_itself(subject); }},
      {"keeps replicas apart", [&] { keeps_replicas_apart(subject); }}};
}

}  // namespace groklab
