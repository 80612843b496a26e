#include "fused.h"

#include "network.h"
#include "reserve.h"

#include <groklab/nn.h>

#include <torch/csrc/autograd/custom_function.h>

namespace transformer {

using groklab::Tensor;

struct Fused::Memory {
  explicit Memory(const Shape& sizes) : shape(sizes) {
    positions = groklab::nn::sinusoidal_positions(Shape::kLength, shape.width, torch::kFloat64);
    positions_float = positions.to(torch::kFloat32);
  }

  template <class T>
  const T* positions_of() const {
    return (std::is_same_v<T, float> ? positions_float : positions).template data_ptr<T>();
  }

  template <class T>
  Reserve<Workspace<T>>& reserve() {
    if constexpr (std::is_same_v<T, float>) {
      return workspaces_float;
    } else {
      return workspaces;
    }
  }

  Shape shape;
  Tensor positions, positions_float;
  Reserve<Workspace<double>> workspaces;
  Reserve<Workspace<float>> workspaces_float;
};

namespace {

using groklab::ParameterLayout;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// What a forward pass leaves for its backward pass: a workspace a replica.
template <class T, class Memory>
struct Kept : torch::CustomClassHolder {
  Kept(std::shared_ptr<Memory> of_model, std::shared_ptr<const ParameterLayout> of_weights)
      : memory(std::move(of_model)), layout(std::move(of_weights)) {}

  ~Kept() override {
    for (auto& workspace : workspaces)
      memory->template reserve<T>().give_back(std::move(workspace));
  }

  Workspace<T>& add(std::int64_t pairs) {
    workspaces.push_back(memory->template reserve<T>().take(
        [=](const Workspace<T>& idle) { return idle.capacity >= pairs; },
        [&] { return std::make_unique<Workspace<T>>(memory->shape, pairs); }));
    return *workspaces.back();
  }

  // The network of the replica whose parameters are in the row `flat` [P].
  FusedNetwork<T> network(const Tensor& flat) const {
    return {memory->shape, Parameters<const T>(*layout, flat.data_ptr<T>()),
            memory->template positions_of<T>()};
  }

  std::shared_ptr<Memory> memory;
  std::shared_ptr<const ParameterLayout> layout;
  std::vector<std::unique_ptr<Workspace<T>>> workspaces;
};

Pairs pairs_of(const Tensor& x, const Tensor& y, std::int64_t replica) {
  const auto count = x.size(1);
  return {x.data_ptr<std::int64_t>() + replica * count,
          y.data_ptr<std::int64_t>() + replica * count, count};
}

template <class T, class Memory>
struct Transform : torch::autograd::Function<Transform<T, Memory>> {
  static Tensor forward(AutogradContext* context, const Tensor& flat, const Tensor& x,
                        const Tensor& y, c10::intrusive_ptr<Kept<T, Memory>> kept) {
    context->save_for_backward({flat, x, y});
    context->saved_data["kept"] = c10::IValue::make_capsule(kept);
    const auto elements = kept->memory->shape.elements;
    auto logits = torch::empty({x.size(0), x.size(1), elements}, flat.options());
    for (std::int64_t r = 0; r < x.size(0); ++r) {
      kept->network(flat[r]).forward(pairs_of(x, y, r), kept->add(x.size(1)),
                                     logits[r].template data_ptr<T>());
    }
    return logits;
  }

  static tensor_list backward(AutogradContext* context, tensor_list given) {
    const auto saved = context->get_saved_variables();
    const auto &flat = saved[0], &x = saved[1], &y = saved[2];
    const auto kept = c10::static_intrusive_pointer_cast<Kept<T, Memory>>(
        context->saved_data["kept"].toCapsule());
    const auto d_logits = given[0].contiguous();
    auto d_flat = torch::empty_like(flat);
    const auto padding = flat.size(1) - kept->layout->count();
    if (padding > 0) d_flat.narrow(1, kept->layout->count(), padding).zero_();
    for (std::int64_t r = 0; r < x.size(0); ++r) {
      const Parameters<T> gradients(*kept->layout, d_flat[r].template data_ptr<T>());
      kept->network(flat[r]).backward(pairs_of(x, y, r), *kept->workspaces[r],
                                      d_logits[r].template data_ptr<T>(), gradients);
    }
    return {d_flat, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

std::string Fused::lacks(const Shape& shape, const Options& options) {
  std::string text;
  const auto add = [&](bool lacking, const char* what) {
    if (lacking) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(shape.layers < 2, "layers: 1");
  add(options.learned_positions, "positions: learned");
  add(options.norm == Norm::pre, "norm: pre");
  add(options.norm == Norm::none, "norm: none");
  add(options.gelu, "activation: gelu");
  add(options.biases, "biases: true");
  add(options.tied_embeddings, "tied_embeddings: true");
  return text;
}

Fused::Fused(const Shape& shape) : memory_(std::make_shared<Memory>(shape)) {}
Fused::~Fused() = default;

Tensor Fused::forward(const groklab::Weights& weights, const Tensor& x, const Tensor& y) const {
  const auto run = [&]<class T>(T) -> Tensor {
    const auto layout = weights.shared_layout();
    const auto kept = c10::make_intrusive<Kept<T, Memory>>(memory_, layout);
    const auto flat = weights.flat().contiguous();
    const auto left = x.contiguous(), right = y.contiguous();
    if (torch::GradMode::is_enabled() && flat.requires_grad()) {
      return Transform<T, Memory>::apply(flat, left, right, kept);
    }
    auto logits = torch::empty({x.size(0), x.size(1), memory_->shape.elements}, flat.options());
    for (std::int64_t r = 0; r < x.size(0); ++r) {
      kept->network(flat[r]).evaluate(pairs_of(left, right, r), logits[r].data_ptr<T>());
    }
    return logits;
  };
  return weights.flat().scalar_type() == torch::kFloat32 ? run(float{}) : run(double{});
}

}  // namespace transformer
