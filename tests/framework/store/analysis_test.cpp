#include "store/analysis.h"

#include "store/checkpoints.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <cstring>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

template <class Number>
std::string bytes(const std::vector<Number>& numbers) {
  std::string text(numbers.size() * sizeof(Number), '\0');
  std::memcpy(text.data(), numbers.data(), text.size());
  return text;
}

// Two elements: 0 ∘ 0 = 0, 0 ∘ 1 has no answer, 1 ∘ 0 = 1, 1 ∘ 1 = 0.
TensorFile two_elements() {
  return {.tensors = {{"analysis.embedding", "F32", {2, 3}, bytes<float>({1, 2, 3, 4, 5, 6})},
                      {"analysis.output_rows", "F64", {2, 1}, bytes<double>({0.1, -0.1})},
                      {"analysis.answers", "I64", {2, 2}, bytes<std::int64_t>({0, -1, 1, 0})}},
          .metadata = {{"step", "40"}, {"elements", R"(["e","(0 1) \"swap\""])"}}};
}

class AnalysisOfARun : public testing::Test {
 protected:
  std::optional<Analysis> read(const TensorFile& file) {
    CheckpointFiles(folder_.path()).write(file, 3);
    return read_analysis(folder_.path());
  }

  void expect_refused(const TensorFile& file, const std::string& reason) {
    EXPECT_THAT([&] { read(file); }, ThrowsMessage<Error>(HasSubstr(reason)));
  }

  test::TemporaryFolder folder_;
};

TEST_F(AnalysisOfARun, IsReadFromItsCheckpoint) {
  const auto analysis = read(two_elements());
  ASSERT_TRUE(analysis);
  EXPECT_EQ(analysis->step, 40);
  EXPECT_EQ(analysis->elements, 2);
  EXPECT_EQ(analysis->embedding.width, 3);
  EXPECT_THAT(analysis->embedding.values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(analysis->output_rows.width, 1);
  EXPECT_THAT(analysis->output_rows.values, ElementsAre(0.1, -0.1));
  EXPECT_THAT(analysis->answers, ElementsAre(0, -1, 1, 0));
  EXPECT_THAT(analysis->names, ElementsAre("e", "(0 1) \"swap\""));
}

TEST_F(AnalysisOfARun, IsThatOfThePreviousCheckpointWhereTheNewestIsDamaged) {
  auto later = two_elements();
  later.metadata["step"] = "50";
  read(two_elements());
  EXPECT_EQ(read(later)->step, 50);
  folder_.write("checkpoint.safetensors", "cut off");
  EXPECT_EQ(read_analysis(folder_.path())->step, 40);
}

TEST_F(AnalysisOfARun, IsNothingWithoutACheckpoint) { EXPECT_FALSE(read_analysis(folder_.path())); }

TEST_F(AnalysisOfARun, IsNotInCheckpointsOfEarlierVersionsWhichSay) {
  auto file = two_elements();
  file.metadata.erase("elements");
  expect_refused(file, "of an earlier version of groklab");
  expect_refused(file, folder_.path().string());
}

TEST_F(AnalysisOfARun, IsRefusedWhereItsPartsDoNotFitEachOther) {
  const auto changed = [](auto change) {
    auto file = two_elements();
    change(file);
    return file;
  };
  const auto reshaped = [&](std::size_t tensor, std::vector<std::int64_t> shape) {
    return changed([&](TensorFile& file) { file.tensors[tensor].shape = shape; });
  };
  expect_refused(reshaped(0, {3, 2}), "'analysis.embedding' does not fit");
  expect_refused(reshaped(1, {2}), "'analysis.output_rows' does not fit");
  expect_refused(reshaped(2, {4, 1}), "'analysis.answers' does not fit");
  expect_refused(changed([](TensorFile& file) { file.tensors.pop_back(); }),
                 "no tensor 'analysis.answers'");
  for (const std::int64_t answer : {-2, 2}) {
    expect_refused(changed([&](TensorFile& file) {
                     file.tensors[2].bytes = bytes<std::int64_t>({0, answer, 1, 0});
                   }),
                   "'analysis.answers' does not fit");
  }
  for (const auto* names : {R"(["only one"])", R"({"a": 1})", "[1, 2]", "no JSON", ""}) {
    expect_refused(changed([&](TensorFile& file) { file.metadata["elements"] = names; }),
                   "does not fit");
  }
  for (const auto* step : {"", "-1", "soon"}) {
    expect_refused(changed([&](TensorFile& file) { file.metadata["step"] = step; }),
                   "'step' does not fit");
  }
}

}  // namespace
}  // namespace groklab
