#include "train/checkpoint_match.h"

#include "store/analysis.h"
#include "support/experiments.h"
#include "train/trainer.h"

#include <gmock/gmock.h>

#include <cstring>

namespace groklab {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

// A run of addition modulo 7 and its checkpoint, which tests change.
class CheckpointMatch : public testing::Test {
 protected:
  StoredTensor& tensor(const std::string& name) {
    for (auto& tensor : checkpoint_.tensors) {
      if (tensor.name == name) return tensor;
    }
    throw std::logic_error(name);
  }

  // The number at (x, y) of a square [7, 7].
  void set(const char* name, int x, int y, std::int64_t value) {
    std::memcpy(tensor(name).bytes.data() + (7 * x + y) * sizeof value, &value, sizeof value);
  }

  void match() { require_match(checkpoint_, trainer_.components(), 0); }

  Trainer trainer_{test::catalog(), {test::experiment({"operation={name: add, modulus: 7}"})}};
  TensorFile checkpoint_ = trainer_.save(0);
};

TEST_F(CheckpointMatch, HoldsForWhatWasJustWritten) { EXPECT_NO_THROW(match()); }

TEST_F(CheckpointMatch, SaysHowManyAnswersDifferAndTheFirst) {
  set(kAnswersTensor, 1, 2, 6);
  set(kAnswersTensor, 5, 0, Operation::kUndefined);
  EXPECT_THAT([&] { match(); },
              ThrowsMessage<Error>("the operation's table differs in 2 of 49 pairs: the answer of "
                                   "(1, 2) was 6 and is 3 now"));
}

TEST_F(CheckpointMatch, SaysInWhichRowsTheTrainingSetDiffers) {
  const auto& split = trainer_.splits().front();
  const auto& table = trainer_.components().tables.front();
  const auto row = static_cast<std::size_t>(split.train.front());
  set(kTrainLabelsTensor, static_cast<int>(table.x[row]), static_cast<int>(table.y[row]),
      Operation::kUndefined);
  EXPECT_THAT([&] { match(); },
              ThrowsMessage<Error>(
                  AllOf(HasSubstr("the training set differs in 1 of 49 pairs: the label of ("),
                        HasSubstr(") was none and is " + std::to_string(table.z[row]) + " now"))));
}

TEST_F(CheckpointMatch, NamesParametersThatAreGoneAndThatAreNew) {
  tensor("parameters.embedding").name = "parameters.tokens";
  EXPECT_THAT([&] { match(); }, ThrowsMessage<Error>("the model has other parameters: it lost "
                                                     "tokens, and has new ones embedding"));
}

TEST_F(CheckpointMatch, SaysThatTheNumberOfElementsIsAnotherOne) {
  tensor(kAnswersTensor).shape = {5, 5};
  tensor(kAnswersTensor).bytes.resize(25 * sizeof(std::int64_t));
  EXPECT_THAT([&] { match(); },
              ThrowsMessage<Error>("the operation's table had 5 elements and has 7 now"));
}

TEST_F(CheckpointMatch, RefusesATableThatHoldsNoWholeNumbers) {
  tensor(kAnswersTensor).dtype = "F64";
  EXPECT_THAT([&] { match(); }, ThrowsMessage<Error>(HasSubstr("analysis.answers")));
}

}  // namespace
}  // namespace groklab
