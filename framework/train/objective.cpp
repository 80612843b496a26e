#include "train/objective.h"

#include "train/shape_check.h"

#include <ATen/Parallel.h>
#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

class Objective {
 public:
  Objective(const Components& components, const Batch& batch, const Step& step)
      : components_(components), batch_(batch), step_(step) {}

  Gradients gradients(const Tensor& flat, const std::vector<Slice>& slices) {
    // `leaf` is what the regularisers see, `used` what the network sees instead of it.
    const auto leaf = flat.detach().requires_grad_(!components_.regularizers.empty());
    const auto used = weights_used(leaf);
    Gradients all = of_slices(used.detach(), slices);
    act_on_loss_gradients(all, slices);
    add_penalties(used.detach(), all);
    if (!used.is_same(leaf)) all.flat = pull_back(used, leaf, all.flat);
    return all;
  }

 private:
  Tensor weights_used(const Tensor& leaf) const {
    auto used = leaf;
    for (const auto& regularizer : components_.regularizers) {
      used = regularizer.call([&](Regularizer& r) { return r.before_forward(used, step_); });
      require_shape(regularizer, "weights", used, leaf.sizes());
    }
    return used;
  }

  Gradients of_slices(const Tensor& flat, const std::vector<Slice>& slices) {
    Gradients all;
    all.logits.resize(slices.size());
    if (slices.size() == 1) {
      std::tie(all.loss, all.flat) = of_slice(flat, slices.front(), all.logits.front());
      return all;
    }
    all.loss = torch::empty({flat.size(0)}, flat.options());
    all.flat = torch::empty_like(flat);
    for_each_replica(static_cast<std::int64_t>(slices.size()), [&](std::int64_t i) {
      const auto& slice = slices[i];
      const auto [loss, gradient] = of_slice(flat, slice, all.logits[i]);
      all.loss.narrow(0, slice.first, slice.count).copy_(loss);
      all.flat.narrow(0, slice.first, slice.count).copy_(gradient);
    });
    return all;
  }

  // Loss [count] and gradient [count, P]. The slice's weights are the only leaf of its graph, and
  // no replica reaches another's row.
  std::pair<Tensor, Tensor> of_slice(const Tensor& flat, const Slice& slice, Tensor& logits) const {
    const auto leaf = flat.narrow(0, slice.first, slice.count).detach().requires_grad_(true);
    const auto part = [&](const Tensor& tensor) {
      return tensor.narrow(0, slice.first, slice.count).narrow(1, 0, slice.rows).contiguous();
    };
    const auto step = step_.narrow(slice.first, slice.count);
    const auto result = components_.model.call([&](Model& model) {
      return model.forward({components_.layout, leaf}, {part(batch_.x), part(batch_.y), &step});
    });
    const auto elements = components_.tables.front().elements;
    require_shape(components_.model, "logits", result, {slice.count, slice.rows, elements});
    const auto loss = components_.loss.call([&](Loss& plugin) {
      const TimedWork work(Work::loss);
      return plugin.forward(result, part(batch_.z), part(batch_.row_weights));
    });
    require_shape(components_.loss, "loss", loss, {slice.count});
    logits = result.detach();
    const auto gradient = differentiate(loss, leaf, torch::ones_like(loss), [&] {
      return fmt::format("model {} and loss {}", components_.model.name, components_.loss.name);
    });
    return {loss.detach(), gradient};
  }

  void act_on_loss_gradients(const Gradients& all, const std::vector<Slice>& slices) const {
    if (components_.regularizers.empty()) return;
    const torch::NoGradGuard no_grad;
    const Weights gradients(components_.layout, all.flat);
    Tensor accuracy;
    for (const auto& regularizer : components_.regularizers) {
      regularizer.call([&](Regularizer& r) {
        if (r.reads_accuracy() && !accuracy.defined()) {
          accuracy = batch_accuracy(all.logits, batch_, slices);
        }
        r.on_loss_gradients(gradients, r.reads_accuracy() ? accuracy : Tensor(), step_);
      });
    }
  }

  void add_penalties(const Tensor& flat, Gradients& all) const {
    for (const auto& regularizer : components_.regularizers) {
      const auto leaf = flat.detach().requires_grad_(true);
      const auto penalty = regularizer.call([&](Regularizer& r) {
        return r.penalty({components_.layout, leaf}, step_);
      });
      if (!penalty.defined()) continue;
      require_shape(regularizer, "penalty", penalty, {flat.size(0)});
      all.loss = all.loss + penalty.detach();
      if (!penalty.requires_grad()) continue;
      all.flat = all.flat + differentiate(penalty, leaf, torch::ones_like(penalty),
                                          [&] { return "regularizer " + regularizer.name; });
    }
  }

  Tensor pull_back(const Tensor& used, const Tensor& leaf, const Tensor& gradient) const {
    return differentiate(used, leaf, gradient, [&] {
      std::vector<std::string> names;
      for (const auto& regularizer : components_.regularizers) names.push_back(regularizer.name);
      return "regularizers " + join(names, ", ");
    });
  }

  template <class Owner>
  static Tensor differentiate(const Tensor& of, const Tensor& leaf, const Tensor& weight,
                              Owner owner) {
    try {
      return torch::autograd::grad({of}, {leaf}, {weight})[0];
    } catch (const std::exception& error) {
      throw PluginFailure(fmt::format("the backward pass of {}: {}", owner(), message_of(error)));
    }
  }

  const Components& components_;
  const Batch& batch_;
  const Step& step_;
};

}  // namespace

void for_each_replica(std::int64_t items, const std::function<void(std::int64_t)>& item) {
  const auto threads = thread_count();
  if (items % threads == 0 || items >= 4 * threads) {
    return parallel_for(items, [&](std::int64_t i) {
      at::init_num_threads();  // a thread that is new to LibTorch would start further ones
      item(i);
    });
  }
  for (std::int64_t i = 0; i < items; ++i) item(i);
}

Gradients compute_gradients(const Components& components, const Tensor& flat, const Batch& batch,
                            const std::vector<Slice>& slices, const Step& step) {
  return Objective(components, batch, step).gradients(flat, slices);
}

Tensor batch_accuracy(const std::vector<Tensor>& logits, const Batch& batch,
                      const std::vector<Slice>& slices) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> parts;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto part = [&](const Tensor& tensor) {
      return tensor.narrow(0, slices[i].first, slices[i].count).narrow(1, 0, slices[i].rows);
    };
    const auto hits = logits[i].argmax(2).eq(part(batch.z));
    const auto weights = part(batch.row_weights);
    const auto shares = hits * weights.to(torch::kFloat64);  // some 1 / rows each
    parts.push_back(shares.sum(1).to(weights.scalar_type()));
  }
  return parts.size() == 1 ? parts.front() : torch::cat(parts, 0);
}

}  // namespace groklab
