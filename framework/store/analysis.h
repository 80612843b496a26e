#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Rows that stand for the K elements, row by row.
struct ElementRows {
  std::int64_t width = 0;
  std::vector<double> values;
};

// What analyses need of a trained network, beside its weights: in a checkpoint as the tensors
// analysis.embedding [K, d], analysis.output_rows [K, d], analysis.answers int64 [K, K] (x by x, −1
// where the pair has none), and in its metadata the elements' names, a JSON list under "elements".
// For programs beside groklab also analysis.train_labels, as the answers: what the training rows
// are taught, −1 for all other pairs.
inline constexpr const char *kEmbeddingTensor = "analysis.embedding",
                            *kOutputRowsTensor = "analysis.output_rows",
                            *kAnswersTensor = "analysis.answers",
                            *kTrainLabelsTensor = "analysis.train_labels",
                            *kElementNames = "elements";

struct Analysis {
  std::int64_t step = 0;
  std::int64_t elements = 0;  // K
  ElementRows embedding, output_rows;
  std::vector<std::int64_t> answers;
  std::vector<std::string> names;
};

// Of the newest whole checkpoint of a run. nullopt: there is no checkpoint. Throws Error if it is
// damaged, or one of an earlier version of groklab without this.
std::optional<Analysis> read_analysis(const std::filesystem::path& run_folder);

}  // namespace groklab
