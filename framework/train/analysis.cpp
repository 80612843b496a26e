#include "train/analysis.h"

#include "store/analysis.h"
#include "train/tensor_bytes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <numeric>

namespace groklab {
namespace {

// `rows`: [1, K, d], in the file [K, d] in the dtype of the weights.
void add_rows(TensorFile& file, const char* name, const Used<Model>& model, const Tensor& rows,
              std::int64_t elements, torch::Dtype dtype) {
  if (!rows.defined() || rows.dim() != 3 || rows.size(0) != 1 || rows.size(1) != elements ||
      rows.size(2) == 0) {
    const auto shape = rows.defined() ? fmt::format("[{}]", fmt::join(rows.sizes(), ", "))
                                      : std::string("no tensor");
    model.fail(fmt::format("returned {} {}, expected [1, {}, d]", name, shape, elements));
  }
  file.tensors.push_back(to_stored(name, rows[0].to(dtype)));
}

// [K, K], x by y: `values` of these rows of the table, elsewhere −1.
Tensor square_of(const Table& table, const std::vector<std::int64_t>& values,
                 const std::vector<std::int64_t>& rows) {
  auto square = torch::full({table.elements, table.elements}, Operation::kUndefined, torch::kInt64);
  auto* numbers = square.data_ptr<std::int64_t>();
  for (const auto row : rows) {
    const auto i = static_cast<std::size_t>(row);
    numbers[table.x[i] * table.elements + table.y[i]] = values[i];
  }
  return square;
}

}  // namespace

void add_analysis(TensorFile& file, const Components& components, std::int64_t replica,
                  const Weights& weights) {
  const torch::NoGradGuard no_grad;
  const auto& table = components.tables[static_cast<std::size_t>(replica)];
  const auto add = [&](const char* name, auto rows_of) {
    add_rows(file, name, components.model, components.model.call(rows_of), table.elements,
             weights.flat().scalar_type());
  };
  add(kEmbeddingTensor, [&](const Model& model) { return model.embedding(weights); });
  add(kOutputRowsTensor, [&](const Model& model) { return model.output_rows(weights); });
  for (auto& tensor : data_tensors(components, replica)) file.tensors.push_back(std::move(tensor));
  // Names come from plugins: what is not UTF-8 in them is replaced.
  file.metadata[kElementNames] =
      nlohmann::json(table.names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<StoredTensor> data_tensors(const Components& components, std::int64_t replica) {
  const auto& table = components.tables[static_cast<std::size_t>(replica)];
  std::vector<std::int64_t> all(table.answers.size());
  std::iota(all.begin(), all.end(), 0);
  const auto& trained = components.splits[static_cast<std::size_t>(replica)].train;
  return {to_stored(kAnswersTensor, square_of(table, table.answers, all)),
          to_stored(kTrainLabelsTensor, square_of(table, table.z, trained))};
}

}  // namespace groklab
