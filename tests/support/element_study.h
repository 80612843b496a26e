#pragma once

#include "store/analysis.h"
#include "store/checkpoints.h"
#include "support/small_study.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace groklab::test {

// x + y or x y (mod K), with rows on a circle on which neighbours differ by `step`: the frequency
// step⁻¹ (mod K), for a step without a common divisor with K. The embedding has the frequency 1.
inline Analysis residues_on_a_circle(std::int64_t elements, std::int64_t step, bool multiplies) {
  Analysis analysis;
  analysis.step = 1000;
  analysis.elements = elements;
  std::vector<std::int64_t> place(static_cast<std::size_t>(elements));
  for (std::int64_t i = 0; i < elements; ++i) {
    place[static_cast<std::size_t>(i * step % elements)] = i;
  }
  const auto add = [&](ElementRows& rows, std::int64_t at) {
    const auto angle =
        2 * std::numbers::pi * static_cast<double>(at) / static_cast<double>(elements);
    rows.width = 3;
    rows.values.insert(rows.values.end(), {4 * std::cos(angle), 4 * std::sin(angle), 7});
  };
  for (std::int64_t x = 0; x < elements; ++x) {
    add(analysis.embedding, x);
    add(analysis.output_rows, place[static_cast<std::size_t>(x)]);
    analysis.names.push_back(std::to_string(x));
    for (std::int64_t y = 0; y < elements; ++y) {
      analysis.answers.push_back((multiplies ? x * y : x + y) % elements);
    }
  }
  return analysis;
}

// x y x of the 120 permutations of S5. Rows are functions of where 0 goes (and of little else), so
// that they cluster by five cosets of its stabiliser, of order 24.
inline Analysis permutations_by_first_image() {
  Analysis analysis;
  analysis.step = 1000;
  std::string name = "01234";
  do {
    analysis.names.push_back(name);
  } while (std::next_permutation(name.begin(), name.end()));
  analysis.elements = 120;
  analysis.output_rows.width = 6;
  for (std::size_t x = 0; x < 120; ++x) {
    std::vector<double> row(6);
    row[static_cast<std::size_t>(analysis.names[x][0] - '0')] = 3;
    row[5] = 0.3 * std::sin(static_cast<double>(x));
    analysis.output_rows.values.insert(analysis.output_rows.values.end(), row.begin(), row.end());
  }
  analysis.embedding = analysis.output_rows;
  // x y x, which is no group's product.
  const auto number = [&](const std::string& wanted) {
    return std::find(analysis.names.begin(), analysis.names.end(), wanted) - analysis.names.begin();
  };
  for (const auto& x : analysis.names) {
    for (const auto& y : analysis.names) {
      auto z = x;
      for (auto& image : z) image = x[y[image - '0'] - '0'];
      analysis.answers.push_back(number(z));
    }
  }
  return analysis;
}

// As a trainer writes it.
inline void write_analysis(const std::filesystem::path& run_folder, const Analysis& analysis) {
  const auto bytes = [](const auto& numbers) {
    std::string text(numbers.size() * sizeof numbers[0], '\0');
    std::memcpy(text.data(), numbers.data(), text.size());
    return text;
  };
  const auto& [step, elements, embedding, output_rows, answers, names] = analysis;
  const TensorFile file{
      {{kEmbeddingTensor, "F64", {elements, embedding.width}, bytes(embedding.values)},
       {kOutputRowsTensor, "F64", {elements, output_rows.width}, bytes(output_rows.values)},
       {kAnswersTensor, "I64", {elements, elements}, bytes(answers)}},
      {{"step", std::to_string(step)}, {kElementNames, nlohmann::json(names).dump()}}};
  CheckpointFiles(run_folder).write(file, 1);
}

}  // namespace groklab::test
