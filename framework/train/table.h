#pragma once

#include <groklab/operation.h>
#include <groklab/params.h>
#include <groklab/random.h>

#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// The table of an operation: a row for every pair that has an answer, x by x.
struct Table {
  std::int64_t elements = 0;          // K
  std::vector<std::int64_t> x, y, z;  // z is the label, what is trained on and scored
  std::vector<std::int64_t>
      answers;                     // the operation's; labels differ from it where they are random
  std::vector<std::string> names;  // of the elements, for people

  std::int64_t rows() const { return static_cast<std::int64_t>(z.size()); }
};

// K, the number of an operation's elements. Throws Error if no table can have so many.
std::int64_t elements_of(const Operation& operation);

// Asks the operation for all K² pairs. Throws Error if an answer is outside [0, K), and as
// elements_of() does; what the operation throws passes through.
Table make_table(const Operation& operation);

// Rows of a table by number: trained on, and held out.
struct Split {
  std::vector<std::int64_t> train, validation;
};

// Rows of `rows` to train on: round(train_fraction · rows), halves to even. Throws Error if none or
// all would be.
std::int64_t training_rows(std::int64_t rows, double train_fraction);

// The first training_rows() in an order drawn from the seed `split`.
Split split_rows(std::int64_t rows, double train_fraction, std::uint64_t seed);

// The same with (x, y) and (y, x) always on one side: unordered pairs in an order drawn from the
// seed, each trained on if its rows are still wanted. So training_rows() are trained on, or one
// less where only pairs of two rows are left for the last. Throws Error if a side would be empty.
Split split_pairs(const Table& table, double train_fraction, std::uint64_t seed);

// Gives `count` of the training rows a label that is not their answer, each of the K − 1 others
// being as likely. Rows and labels are drawn from the seed `split`, so that more outliers keep
// those that were there. Throws Error if there are fewer training rows than that.
void randomize_labels(Table& table, const Split& split, std::int64_t count, std::uint64_t seed);

// Rows whose label is not the answer.
std::int64_t outliers(const Table& table);

// Rows of a batch. `setting`: "paper" = min(512, half the training set rounded up), "full", or a
// number, at most the training set.
std::int64_t batch_size(const Value& setting, std::int64_t train_rows);

// 0 … count − 1 in an order that is a pure function of (seed, purpose, step).
std::vector<std::int64_t> permutation(std::int64_t count, const RandomStream& stream,
                                      std::uint64_t step);

}  // namespace groklab
