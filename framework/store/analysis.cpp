#include "store/analysis.h"

#include "store/checkpoints.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

template <class Number>
std::vector<Number> numbers_of(const StoredTensor& tensor) {
  std::vector<Number> numbers(tensor.bytes.size() / sizeof(Number));
  std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

void require(bool holds, const char* name) {
  if (!holds) throw Error(fmt::format("'{}' does not fit", name));
}

// A tensor [K, …] of two dimensions.
const StoredTensor& table_of(const TensorFile& file, const char* name, std::int64_t elements) {
  const auto& tensor = file.at(name);
  require(tensor.shape.size() == 2 && tensor.shape[0] == elements, name);
  return tensor;
}

ElementRows rows_of(const TensorFile& file, const char* name, std::int64_t elements) {
  const auto& tensor = table_of(file, name, elements);
  require(elements > 0 && tensor.shape[1] > 0, name);
  ElementRows rows{tensor.shape[1], {}};
  if (tensor.dtype == "F32") {
    const auto narrow = numbers_of<float>(tensor);
    rows.values.assign(narrow.begin(), narrow.end());
  } else {
    require(tensor.dtype == "F64", name);
    rows.values = numbers_of<double>(tensor);
  }
  return rows;
}

std::vector<std::int64_t> answers_of(const TensorFile& file, std::int64_t elements) {
  const auto& tensor = table_of(file, kAnswersTensor, elements);
  require(tensor.dtype == "I64" && tensor.shape[1] == elements, kAnswersTensor);
  auto answers = numbers_of<std::int64_t>(tensor);
  require(std::all_of(answers.begin(), answers.end(),
                      [&](std::int64_t answer) { return answer >= -1 && answer < elements; }),
          kAnswersTensor);
  return answers;
}

std::vector<std::string> names_of(const TensorFile& file) {
  try {
    return nlohmann::json::parse(file.metadata.at(kElementNames));
  } catch (const nlohmann::json::exception&) {
    require(false, kElementNames);
  }
  return {};
}

std::int64_t step_of(const TensorFile& file) {
  const auto entry = file.metadata.find("step");
  std::int64_t step = -1;
  if (entry != file.metadata.end()) {
    const auto& text = entry->second;
    std::from_chars(text.data(), text.data() + text.size(), step);
  }
  require(step >= 0, "step");
  return step;
}

}  // namespace

std::optional<Analysis> read_analysis(const std::filesystem::path& run_folder) {
  const auto file = CheckpointFiles(run_folder).read();
  if (!file) return std::nullopt;
  const auto about = [&](const std::string& problem) {
    return fmt::format("the checkpoint in {} {}", run_folder.string(), problem);
  };
  if (!file->metadata.contains(kElementNames)) {
    throw Error(
        about("is of an earlier version of groklab and lacks the rows of the elements; train the "
              "run again in another folder"));
  }
  try {
    Analysis analysis;
    analysis.step = step_of(*file);
    analysis.names = names_of(*file);
    analysis.elements = static_cast<std::int64_t>(analysis.names.size());
    analysis.embedding = rows_of(*file, kEmbeddingTensor, analysis.elements);
    analysis.output_rows = rows_of(*file, kOutputRowsTensor, analysis.elements);
    analysis.answers = answers_of(*file, analysis.elements);
    return analysis;
  } catch (const Error& error) {
    throw Error(about(fmt::format("cannot be analysed: {}", error.what())));
  }
}

}  // namespace groklab
