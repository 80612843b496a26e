// A hundred updates of every optimizer against PyTorch, and against numpy where PyTorch has none;
// make_golden.py here says which, and writes the file.
#include "base/files.h"
#include "store/safetensors.h"
#include "support/plugin_calls.h"
#include "train/tensor_bytes.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using nlohmann::json;

const TensorFile& golden() {
  static const auto file = from_safetensors(
      read_file(test::source_dir() / "tests/plugins/optimizers/golden.safetensors"));
  return file;
}

json metadata(const std::string& key) { return json::parse(golden().metadata.at(key)); }

std::shared_ptr<const ParameterLayout> layout() {
  const std::map<std::string, Role> roles{
      {"hidden", Role::hidden}, {"embedding", Role::embedding}, {"head", Role::head}};
  ParameterLayout all;
  for (const auto& [name, shape, role] :
       metadata("layout")
           .get<std::vector<std::tuple<std::string, std::vector<std::int64_t>, std::string>>>()) {
    all.add(name, shape, Initializer::constant(0), roles.at(role));
  }
  return std::make_shared<const ParameterLayout>(std::move(all));
}

Value value_of(const Field& field, const json& given) {
  if (field.type == Field::Type::flag) return given.get<bool>();
  return given.get<double>();
}

// `replicas`: for each its hyperparameters, all that the schema declares.
std::unique_ptr<Optimizer> make(const std::string& name, const json& replicas) {
  const auto schema = schema_of(test::catalog().find("optimizer", name));
  std::map<std::string, std::vector<Value>, std::less<>> values;
  for (const auto& field : schema.fields()) {
    for (const auto& replica : replicas) {
      if (field.per_replica || values[field.name].empty()) {
        values[field.name].push_back(value_of(field, replica.at(field.name)));
      }
    }
  }
  return test::catalog().create<Optimizer>(name, Params(replicas.size(), std::move(values)));
}

// As in make_golden.py, the padding at zero.
void set_gradient(const Tensor& gradient, const Tensor& weights, int step, std::int64_t count) {
  const auto w = weights.accessor<double, 2>();
  auto g = gradient.accessor<double, 2>();
  for (std::int64_t r = 0; r < weights.size(0); ++r) {
    for (std::int64_t i = 0; i < count; ++i) {
      g[r][i] = (0.5 + 0.4 * std::cos(i)) * w[r][i] + 0.3 * w[r][(i + 1) % count] +
                std::sin(0.7 * step + 0.9 * i * i + r);
    }
  }
}

class OptimizerGolden : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Cases, OptimizerGolden,
                         testing::Values("adam", "adamw", "sgd", "sgd_nesterov", "rmsprop",
                                         "rmsprop_centered", "lion", "muon"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(OptimizerGolden, HasTheSameWeightsAfterTenAndAHundredUpdates) {
  const auto replicas = metadata("cases").at(GetParam()).at("replicas");
  const auto optimizer = make(metadata("cases").at(GetParam()).at("optimizer"), replicas);
  const auto shared = layout();
  const auto count = shared->count(), size = static_cast<std::int64_t>(replicas.size());
  const Weights weights(shared, torch::zeros({size, shared->buffer_size()}, test::kFloat64));
  const Weights gradients(shared, torch::zeros_like(weights.flat()));
  for (std::int64_t r = 0; r < size; ++r) {
    for (std::int64_t i = 0; i < count; ++i) weights.flat()[r][i] = std::sin(1.7 * i + r);
  }
  const auto recorded = metadata("steps").get<std::vector<int>>();
  ASSERT_EQ(recorded.back(), 100);
  const auto expected = from_stored(golden().at(GetParam()),
                                    {size, static_cast<std::int64_t>(recorded.size()), count});
  std::size_t compared = 0;
  for (int step = 1; step <= recorded.back(); ++step) {
    set_gradient(gradients.flat(), weights.flat(), step, count);
    std::vector<double> rates;
    for (const auto& replica : replicas) {
      rates.push_back(replica.at("learning_rate").get<double>() * (1 + 0.5 * std::sin(0.1 * step)));
    }
    optimizer->step(weights, gradients, sample_step(step, rates));
    if (step != recorded[compared]) continue;
    const auto wanted = expected.select(1, static_cast<std::int64_t>(compared++));
    const auto deviation = (weights.flat().narrow(1, 0, count) - wanted).abs().max();
    EXPECT_LT(deviation.item<double>(), 1e-12 * wanted.abs().max().item<double>()) << step;
  }
  EXPECT_EQ(weights.flat().narrow(1, count, 1).count_nonzero().item<std::int64_t>(), 0);
}

TEST_P(OptimizerGolden, AReplicaAloneHasTheBitsThatItHasInAPack) {
  const auto entry = metadata("cases").at(GetParam());
  const auto shared = layout();
  for (const auto dtype : {torch::kFloat64, torch::kFloat32}) {
    const auto train = [&](const json& replicas, std::int64_t first) {
      const auto size = static_cast<std::int64_t>(replicas.size());
      const auto some = [&](double phase) {
        return sample_numbers({3, shared->buffer_size()}, phase)
            .narrow(0, first, size)
            .to(dtype)
            .clone();
      };
      const auto optimizer = make(entry.at("optimizer"), replicas);
      const Weights weights(shared, some(0));
      for (int step = 1; step <= 5; ++step) {
        optimizer->step(weights, Weights(shared, some(step)),
                        sample_step(step, std::vector<double>(size, 0.05)));
      }
      return weights.flat();
    };
    const auto pack = train(entry.at("replicas"), 0);
    for (std::int64_t r = 0; r < 3; ++r) {
      const auto alone = train(json::array({entry.at("replicas").at(r)}), r);
      EXPECT_TRUE(torch::equal(pack[r], alone[0])) << r << " " << dtype;
    }
  }
}

}  // namespace
}  // namespace groklab
