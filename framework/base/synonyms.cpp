#include "base/synonyms.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace groklab {
namespace {

constexpr std::pair<std::string_view, std::string_view> kNames[]{
    {"lr", "learning_rate"},
    {"eta", "learning_rate"},
    {"step_size", "learning_rate"},
    {"wd", "weight_decay"},
    {"eps", "epsilon"},
    {"betas", "beta1"},
    {"bs", "batch_size"},
    {"epochs", "steps"},
    {"iterations", "steps"},
    {"updates", "steps"},
    {"max_steps", "steps"},
    {"num_steps", "steps"},
    {"p", "modulus"},
    {"prime", "modulus"},
    {"frac_train", "train_fraction"},
    {"train_frac", "train_fraction"},
    {"training_fraction", "train_fraction"},
    {"d_model", "width"},
    {"dim", "width"},
    {"embed_dim", "width"},
    {"hidden_size", "width"},
    {"n_layers", "layers"},
    {"num_layers", "layers"},
    {"depth", "layers"},
    {"n_heads", "heads"},
    {"num_heads", "heads"},
    {"log_every", "every"},
    {"eval_every", "every"},
    {"dtype", "precision"},
    {"random_seed", "seed"},
    {"name", "experiment"},
    {"task", "operation"},
    {"network", "model"},
    {"criterion", "loss"},
    {"opt", "optimizer"},
    {"metrics", "probes"},
    {"plus", "add"},
    {"sum", "add"},
    {"addition", "add"},
    {"minus", "subtract"},
    {"difference", "subtract"},
    {"subtraction", "subtract"},
    {"times", "multiply"},
    {"product", "multiply"},
    {"multiplication", "multiply"},
    {"div", "divide"},
    {"quotient", "divide"},
    {"division", "divide"},
    {"ce", "cross_entropy"},
    {"nll", "cross_entropy"},
    {"l2_loss", "mse"},
};

}  // namespace

std::string_view name_here(std::string_view word) {
  const auto found = std::find_if(std::begin(kNames), std::end(kNames),
                                  [&](const auto& names) { return names.first == word; });
  return found == std::end(kNames) ? std::string_view() : found->second;
}

}  // namespace groklab
