#include "train/evaluation.h"

#include <groklab/parallel.h>

#include <algorithm>

namespace groklab {
namespace {

constexpr std::int64_t kRowsOfAForward = 1 << 14;  // over all replicas
constexpr std::int64_t kRowsOfAnItem = 1 << 10;

}  // namespace

EvaluationData make_evaluation_data(const std::vector<Table>& tables,
                                    const std::vector<Split>& splits, torch::Device device) {
  const auto replicas = static_cast<std::int64_t>(tables.size());
  const auto elements = tables.front().elements, pairs = elements * elements;
  const auto numbers = torch::arange(elements, torch::kInt64);
  EvaluationData data{numbers.repeat_interleave(elements).repeat({replicas, 1}),
                      numbers.repeat({replicas, elements}),
                      torch::zeros({replicas, pairs}, torch::kInt64),
                      torch::full({replicas, pairs}, Operation::kUndefined, torch::kInt64),
                      torch::zeros({replicas, pairs}, torch::kBool),
                      torch::zeros({replicas, pairs}, torch::kBool)};
  for (std::int64_t replica = 0; replica < replicas; ++replica) {
    const auto& table = tables[replica];
    const auto pair_of = [&](std::int64_t row) { return table.x[row] * elements + table.y[row]; };
    auto* z = data.z[replica].data_ptr<std::int64_t>();
    auto* answers = data.answers[replica].data_ptr<std::int64_t>();
    auto* train = data.train_mask[replica].data_ptr<bool>();
    auto* validation = data.val_mask[replica].data_ptr<bool>();
    for (std::int64_t row = 0; row < table.rows(); ++row) {
      z[pair_of(row)] = table.z[row];
      answers[pair_of(row)] = table.answers[row];
    }
    for (const auto row : splits[replica].train) train[pair_of(row)] = true;
    for (const auto row : splits[replica].validation) validation[pair_of(row)] = true;
  }
  for (auto* tensor :
       {&data.x, &data.y, &data.z, &data.answers, &data.train_mask, &data.val_mask}) {
    *tensor = tensor->to(device);
  }
  return data;
}

EvaluationData EvaluationData::narrow(std::int64_t first, std::int64_t count) const {
  const auto part = [&](const Tensor& tensor) { return tensor.narrow(0, first, count); };
  return {part(x), part(y), part(z), part(answers), part(train_mask), part(val_mask)};
}

Tensor evaluate_logits(const Model& model, const Weights& weights, const EvaluationData& data) {
  const torch::NoGradGuard no_grad;
  const auto rows = std::max<std::int64_t>(1, kRowsOfAForward / data.x.size(0));
  if (data.x.size(1) <= rows) return model.forward(weights, {data.x, data.y, nullptr});
  std::vector<Tensor> parts;
  const auto x = data.x.split(rows, 1), y = data.y.split(rows, 1);
  for (std::size_t i = 0; i < x.size(); ++i) {
    parts.push_back(model.forward(weights, {x[i].contiguous(), y[i].contiguous(), nullptr}));
  }
  return torch::cat(parts, 1);
}

namespace {

// Cross-entropies and hits of some rows, of all replicas, into their places.
void score(const Tensor& logits, const Tensor& z, Tensor losses, Tensor hits) {
  const torch::NoGradGuard no_grad;
  const auto log_probabilities = logits.to(torch::kFloat64).log_softmax(2);
  losses.copy_(log_probabilities.gather(2, z.unsqueeze(2)).squeeze(2).neg_());
  hits.copy_(logits.argmax(2).eq(z));
}

}  // namespace

Tensor split_metrics(const Tensor& logits, const EvaluationData& data) {
  const auto rows = logits.size(1);
  const auto options = logits.options().dtype(torch::kFloat64);
  auto losses = torch::empty({logits.size(0), rows}, options), hits = torch::empty_like(losses);
  const auto items = (rows + kRowsOfAnItem - 1) / kRowsOfAnItem;
  const auto score_item = [&](std::int64_t item) {
    const auto first = item * kRowsOfAnItem, count = std::min(kRowsOfAnItem, rows - first);
    const auto part = [&](const Tensor& tensor) { return tensor.narrow(1, first, count); };
    score(part(logits), part(data.z), part(losses), part(hits));
  };
  if (logits.is_cpu()) {
    parallel_for(items, score_item);
  } else {  // a device takes its work from this thread alone
    for (std::int64_t item = 0; item < items; ++item) score_item(item);
  }
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
