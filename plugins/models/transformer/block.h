#pragma once

#include "shape.h"

#include <groklab/model.h>
#include <groklab/nn.h>

#include <cstdint>
#include <string>
#include <utility>

// The parts of the network that work row by row, x [R, N, d], as operators of LibTorch.
namespace transformer {

using groklab::Tensor;
using groklab::Weights;

// In two, of sizes `first` and the rest. Backward is one concatenation; a slice would pad.
inline std::pair<Tensor, Tensor> cut(const Tensor& tensor, std::int64_t dimension,
                                     std::int64_t first) {
  const auto rest = tensor.size(dimension) - first;
  auto parts = tensor.split_with_sizes({first, rest}, dimension);
  return {std::move(parts[0]), std::move(parts[1])};
}

// x · weight (+ bias).
struct Linear {
  Tensor weight, bias;  // [R, in, out]; [R, out] or undefined

  Linear(const Weights& weights, const std::string& name, const Options& options)
      : weight(weights[name]), bias(options.biases ? weights[bias_of(name)] : Tensor()) {}
  Linear(Tensor matrix, Tensor vector) : weight(std::move(matrix)), bias(std::move(vector)) {}

  Tensor operator()(const Tensor& x) const {
    if (!bias.defined()) return groklab::nn::linear(x, weight);
    return groklab::nn::linear(x, weight, bias);
  }

  // The layers that give the first `columns` numbers and the others.
  std::pair<Linear, Linear> cut(std::int64_t columns) const {
    const auto weights = transformer::cut(weight, 2, columns);
    if (!bias.defined()) return {{weights.first, Tensor()}, {weights.second, Tensor()}};
    const auto biases = transformer::cut(bias, 1, columns);
    return {{weights.first, biases.first}, {weights.second, biases.second}};
  }
};

// What a layer reads and how its change is added, for each place of the norm:
//   post  LN(x + layer(x))        pre  x + layer(LN(x))        none  x + layer(x)
class Residual {
 public:
  Residual(const Weights& weights, const std::string& gain, const std::string& bias, Norm place)
      : place_(place) {
    if (place == Norm::none) return;
    gain_ = weights[gain];
    bias_ = weights[bias];
  }

  Tensor read(const Tensor& x) const { return place_ == Norm::pre ? normed(x) : x; }
  Tensor add(const Tensor& x, const Tensor& change) const {
    return place_ == Norm::post ? normed(x + change) : x + change;
  }

 private:
  Tensor normed(const Tensor& x) const { return groklab::nn::layer_norm(x, gain_, bias_); }

  Norm place_;
  Tensor gain_, bias_;  // [R, d]
};

struct Block {
  Block(const Weights& weights, std::int64_t i, const Options& options)
      : qkv(weights, in_block(i, kQkv), options),
        output(weights, in_block(i, kAttentionOutput), options),
        mlp_input(weights, in_block(i, kMlpInput), options),
        mlp_output(weights, in_block(i, kMlpOutput), options),
        attention(weights, in_block(i, kAttentionGain), in_block(i, kAttentionBias), options.norm),
        mlp(weights, in_block(i, kMlpGain), in_block(i, kMlpBias), options.norm),
        gelu(options.gelu) {}

  // All that follows the attention: x, mixed, kept [R, N, d] → [R, N, d]. `kept` is what dropout
  // leaves of the MLP's output: 0 or 1 / (1 − rate); undefined if it leaves all as it is.
  Tensor finish(const Tensor& x, const Tensor& mixed, const Tensor& kept) const {
    const auto attended = attention.add(x, output(mixed));
    const auto inner = mlp_input(mlp.read(attended));
    const auto change = mlp_output(gelu ? torch::gelu(inner) : inner.relu());
    return mlp.add(attended, kept.defined() ? change * kept : change);
  }

  Linear qkv, output, mlp_input, mlp_output;
  Residual attention, mlp;
  bool gelu;
};

}  // namespace transformer
