#include "train/analysis.h"

#include "store/analysis.h"
#include "store/checkpoints.h"
#include "support/experiments.h"
#include "train/tensor_bytes.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Trainer make_trainer(std::vector<Experiment> replicas) {
  return Trainer(test::catalog(), std::move(replicas));
}

// As a reader finds it in the folder of the run.
Analysis written_by(const Trainer& trainer, std::int64_t replica) {
  const test::TemporaryFolder folder;
  CheckpointFiles(folder.path()).write(trainer.save(replica), 0);
  return *read_analysis(folder.path());
}

// `rows`: [R, K, d].
void expect_rows(const ElementRows& found, const Tensor& rows, std::int64_t replica) {
  const auto expected = rows[replica].to(torch::kFloat64).contiguous();
  EXPECT_EQ(found.width, expected.size(1));
  const auto* numbers = expected.data_ptr<double>();
  EXPECT_EQ(found.values, std::vector<double>(numbers, numbers + expected.numel()));
}

TEST(Analysis, OfEachReplicaIsInItsCheckpoint) {
  for (const auto* precision : {"precision=float32", "precision=float64"}) {
    auto trainer = make_trainer({test::experiment({precision}),
                                 test::experiment({precision, "operation=divide", "seed=1"})});
    for (int i = 0; i < 3; ++i) trainer.step();
    for (std::int64_t r = 0; r < 2; ++r) {
      const auto analysis = written_by(trainer, r);
      EXPECT_EQ(analysis.step, 3);
      EXPECT_EQ(analysis.elements, 7);
      const auto& model = *trainer.components().model.plugin;
      expect_rows(analysis.embedding, model.embedding(trainer.weights()), r);
      expect_rows(analysis.output_rows, model.output_rows(trainer.weights()), r);
      EXPECT_THAT(analysis.names, ElementsAre("0", "1", "2", "3", "4", "5", "6"));
      for (std::int64_t x = 0; x < 7; ++x) {
        for (std::int64_t y = 0; y < 7; ++y) {
          const auto z = analysis.answers[static_cast<std::size_t>(7 * x + y)];
          const bool is_right = r == 0 ? z == (x + y) % 7 : y == 0 ? z == -1 : z * y % 7 == x;
          EXPECT_TRUE(is_right) << r << ": " << x << ", " << y;
        }
      }
    }
  }
}

TEST(Analysis, HasTheAnswersWhereLabelsAreRandom) {
  const auto clean = make_trainer({test::experiment()});
  const auto noisy = make_trainer({test::experiment({"data.outliers=24"})});
  EXPECT_EQ(written_by(clean, 0).answers, written_by(noisy, 0).answers);
}

TEST(Analysis, HasWhatTrainingRowsAreTaught) {
  const auto trainer = make_trainer({test::experiment({"data.outliers=5"})});
  const auto file = trainer.save(0);
  const auto numbers = [&](const char* name) {
    return from_stored(file.at(name), {7, 7}).to(torch::kInt64);
  };
  const auto labels = numbers("analysis.train_labels"), answers = numbers("analysis.answers");
  const auto is_trained = labels >= 0;
  EXPECT_EQ(is_trained.sum().item<std::int64_t>(), 24);  // half of 49, to even
  EXPECT_EQ((is_trained & (labels != answers)).sum().item<std::int64_t>(), 5);
  EXPECT_TRUE(((labels == -1) | ((labels >= 0) & (labels < 7))).all().item<bool>());
  const auto& split = trainer.splits()[0];
  for (const auto row : split.validation) {
    EXPECT_EQ(labels[row / 7][row % 7].item<std::int64_t>(), -1) << row;
  }
}

TEST(Analysis, NamesElementsAsTheirOperationDoes) {
  const auto trainer =
      make_trainer({test::experiment({"operation={name: symmetric_group, degree: 3}"})});
  EXPECT_THAT(written_by(trainer, 0).names, ElementsAre("012", "021", "102", "120", "201", "210"));
}

TEST(Analysis, IsNotNeededToGoOn) {
  auto trainer = make_trainer({test::experiment()});
  trainer.step();
  auto file = trainer.save(0);
  std::erase_if(file.tensors, [](const auto& t) { return t.name.starts_with("analysis."); });
  file.metadata.erase("elements");  // as earlier versions wrote it
  auto other = make_trainer({test::experiment()});
  other.restore({file});
  trainer.step();
  other.step();
  EXPECT_EQ(to_safetensors(trainer.save(0)), to_safetensors(other.save(0)));
}

TEST(Analysis, OfAModelWithRowsOfAWrongShapeIsThatModelsFailure) {
  const auto trainer =
      make_trainer({test::experiment({"model={name: wrong_shape_model, when: checkpoint}"})});
  EXPECT_THAT([&] { trainer.save(0); },
              ThrowsMessage<PluginFailure>("model wrong_shape_model: returned analysis.output_rows "
                                           "[1, 7], expected [1, 7, d]"));
}

}  // namespace
}  // namespace groklab
