#pragma once

#include <cstdint>
#include <string>

namespace transformer {

// The network's sizes. Tokens are the elements 0 … K − 1, then <∘> and <=>.
struct Shape {
  static constexpr std::int64_t kLength = 4;  // T: <x> <∘> <y> <=>

  std::int64_t layers, width, heads;  // width: d
  std::int64_t elements = 0;          // K

  std::int64_t head_width() const { return width / heads; }
};

enum class Norm { post, pre, none };

// What the network is made of, besides; at first as in Power et al. 2022.
struct Options {
  Norm norm = Norm::post;
  bool learned_positions = false;
  bool gelu = false;
  bool biases = false;
  bool tied_embeddings = false;
  double dropout = 0;  // the share of the MLP's output that a training step leaves out
};

// Names of the parameters. Matrices are [in, out]; a norm's gain and bias are [d].
inline constexpr const char* kEmbedding = "embedding";  // [K + 2, d]
inline constexpr const char* kHead = "head";            // [d, K], unless embeddings are tied

// Of options:
inline constexpr const char* kPositions = "positions";        // [T, d], learned
inline constexpr const char* kFinalGain = "final_norm.gain";  // with pre-norm
inline constexpr const char* kFinalBias = "final_norm.bias";

// Of a block, behind its name:
inline constexpr const char* kQkv = "attention.qkv";  // [d, 3 d]: queries, keys, values
inline constexpr const char* kAttentionOutput = "attention.output";  // [d, d]
inline constexpr const char* kAttentionGain = "attention.norm.gain";
inline constexpr const char* kAttentionBias = "attention.norm.bias";
inline constexpr const char* kMlpInput = "mlp.input";    // [d, 4 d]
inline constexpr const char* kMlpOutput = "mlp.output";  // [4 d, d]
inline constexpr const char* kMlpGain = "mlp.norm.gain";
inline constexpr const char* kMlpBias = "mlp.norm.bias";

// The bias of a matrix: blocks.0.attention.qkv.bias.
inline std::string bias_of(const std::string& matrix) { return matrix + ".bias"; }

// The name of a block's parameter: blocks.0.attention.qkv.
inline std::string in_block(std::int64_t i, const char* name) {
  return "blocks." + std::to_string(i) + "." + name;
}

}  // namespace transformer
