#include "operators/hazards.h"

#include <map>
#include <stdexcept>

namespace groklab {
namespace {

using enum Hazard;

// "item" and others that are composed of these need no entry of their own.
const std::map<std::string_view, Hazard>& hazards() {
  static const std::map<std::string_view, Hazard> known{
      {"_local_scalar_dense", waits},
      {"equal", waits},
      {"is_nonzero", waits},
      {"allclose", waits},
      {"nonzero", follows_values},
      {"nonzero_numpy", follows_values},
      {"argwhere", follows_values},
      {"masked_select", follows_values},
      {"unique_dim", follows_values},
      {"_unique", follows_values},
      {"_unique2", follows_values},
      {"unique_consecutive", follows_values},
      {"bincount", follows_values},
      {"histc", follows_values},
      {"repeat_interleave", follows_values},
      {"multinomial", draws},
      {"randperm", draws},
      {"rand", draws},
      {"randn", draws},
      {"randint", draws},
      {"rand_like", draws},
      {"randn_like", draws},
      {"randint_like", draws},
      {"uniform_", draws},
      {"normal_", draws},
      {"bernoulli", draws},
      {"bernoulli_", draws},
      {"random_", draws},
      {"exponential_", draws},
      {"native_dropout", draws},
      {"index_put", unordered},
      {"index_put_", unordered},
      {"_index_put_impl_", unordered},
      {"index_add", unordered},
      {"index_add_", unordered},
      {"index_reduce", unordered},
      {"scatter_add", unordered},
      {"scatter_add_", unordered},
      {"scatter_reduce", unordered},
      {"gather_backward", unordered},
      {"embedding_dense_backward", unordered},
      {"put_", unordered},
  };
  return known;
}

}  // namespace

std::optional<Hazard> hazard_of(std::string_view operator_name) {
  const auto entry = hazards().find(operator_name);
  if (entry == hazards().end()) return std::nullopt;
  return entry->second;
}

std::string to_text(Hazard hazard) {
  switch (hazard) {
    case waits:
      return "the host waits for a number of the device";
    case follows_values:
      return "the shape of its result follows from values";
    case draws:
      return "it draws from a generator";
    case unordered:
      return "it adds in an order that no one fixes";
  }
  throw std::logic_error("no such hazard");
}

}  // namespace groklab
