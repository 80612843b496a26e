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

// Names of the parameters. Matrices are [in, out]; a norm's gain and bias are [d].
inline constexpr const char* kEmbedding = "embedding";  // [K + 2, d]
inline constexpr const char* kHead = "head";            // [d, K]

// Of a block, behind its name:
inline constexpr const char* kQkv = "attention.qkv";  // [d, 3 d]: queries, keys, values
inline constexpr const char* kAttentionOutput = "attention.output";  // [d, d]
inline constexpr const char* kAttentionGain = "attention.norm.gain";
inline constexpr const char* kAttentionBias = "attention.norm.bias";
inline constexpr const char* kMlpInput = "mlp.input";    // [d, 4 d]
inline constexpr const char* kMlpOutput = "mlp.output";  // [4 d, d]
inline constexpr const char* kMlpGain = "mlp.norm.gain";
inline constexpr const char* kMlpBias = "mlp.norm.bias";

// The name of a block's parameter: blocks.0.attention.qkv.
inline std::string in_block(std::int64_t i, const char* name) {
  return "blocks." + std::to_string(i) + "." + name;
}

}  // namespace transformer
