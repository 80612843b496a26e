#include "train/evaluation.h"

namespace groklab {
namespace {

constexpr std::int64_t kSlice = 2048;  // rows of a forward pass, over all replicas

}  // namespace

EvaluationData make_evaluation_data(const std::vector<Table>& tables,
                                    const std::vector<Split>& splits, torch::Device device) {
  const auto replicas = static_cast<std::int64_t>(tables.size());
  const auto elements = tables.front().elements, pairs = elements * elements;
  const auto numbers = torch::arange(elements, torch::kInt64);
  EvaluationData data{
      numbers.repeat_interleave(elements).repeat({replicas, 1}),
      numbers.repeat({replicas, elements}), torch::zeros({replicas, pairs}, torch::kInt64),
      torch::zeros({replicas, pairs}, torch::kBool), torch::zeros({replicas, pairs}, torch::kBool)};
  for (std::int64_t replica = 0; replica < replicas; ++replica) {
    const auto& table = tables[replica];
    const auto pair_of = [&](std::int64_t row) { return table.x[row] * elements + table.y[row]; };
    auto* z = data.z[replica].data_ptr<std::int64_t>();
    auto* train = data.train_mask[replica].data_ptr<bool>();
    auto* validation = data.val_mask[replica].data_ptr<bool>();
    for (std::int64_t row = 0; row < table.rows(); ++row) z[pair_of(row)] = table.z[row];
    for (const auto row : splits[replica].train) train[pair_of(row)] = true;
    for (const auto row : splits[replica].validation) validation[pair_of(row)] = true;
  }
  for (auto* tensor : {&data.x, &data.y, &data.z, &data.train_mask, &data.val_mask}) {
    *tensor = tensor->to(device);
  }
  return data;
}

Tensor evaluate_logits(const Model& model, const Weights& weights, const EvaluationData& data) {
  const torch::NoGradGuard no_grad;
  const auto rows = std::max<std::int64_t>(1, kSlice / data.x.size(0));
  std::vector<Tensor> slices;
  const auto x = data.x.split(rows, 1), y = data.y.split(rows, 1);
  for (std::size_t i = 0; i < x.size(); ++i) {
    slices.push_back(model.forward(weights, {x[i].contiguous(), y[i].contiguous(), nullptr}));
  }
  return torch::cat(slices, 1);
}

Tensor split_metrics(const Tensor& logits, const EvaluationData& data) {
  const auto log_probabilities = logits.to(torch::kFloat64).log_softmax(2);
  const auto losses = -log_probabilities.gather(2, data.z.unsqueeze(2)).squeeze(2);
  const auto hits = logits.argmax(2).eq(data.z).to(torch::kFloat64);
  std::vector<Tensor> columns;
  for (const auto& mask : {data.train_mask, data.val_mask}) {
    const auto count = mask.sum(1).to(torch::kFloat64);
    for (const auto& values : {losses, hits}) {
      columns.push_back(torch::where(mask, values, 0.0).sum(1) / count);
    }
  }
  return torch::stack(columns, 1);
}

}  // namespace groklab
