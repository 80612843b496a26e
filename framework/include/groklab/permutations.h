#pragma once

#include <groklab/operation.h>

#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// An operation on the symmetric group: the elements are the permutations of 0 … degree − 1,
// numbered in the lexicographic order of their one-line form, so 0 is the identity. As a function,
// x takes i to x[i], and a product is read from left to right: "x then y" takes i to y[x[i]].
class PermutationOperation : public Operation {
 public:
  // `degree` in [1, 8].
  explicit PermutationOperation(std::int64_t degree);

  std::int64_t size() const override { return static_cast<std::int64_t>(permutations_.size()); }

  // The one-line form: "10234" exchanges 0 and 1.
  std::string element_name(Element element) const override;

 protected:
  Element product(Element x, Element y) const;  // x then y
  Element inverse(Element x) const;

 private:
  using Permutation = std::vector<int>;  // [i]: where i goes

  Element number_of(const Permutation& permutation) const;

  std::vector<Permutation> permutations_;
};

}  // namespace groklab
