// x · y in the symmetric group of a degree; of degree 5 it is s5_product.
#include <groklab/permutations.h>

namespace {

class SymmetricGroup final : public groklab::PermutationOperation {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}.integer("degree", 4,
                                     "n: the elements are the n! permutations of 0 … n − 1, in the "
                                     "lexicographic order of their one-line form",
                                     groklab::between(3, 6));
  }

  explicit SymmetricGroup(const groklab::Params& params)
      : PermutationOperation(params.integer("degree")) {}
  std::string formula() const override { return "x y in S_n (x then y)"; }
  Element apply(Element x, Element y) const override { return product(x, y); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, SymmetricGroup, "symmetric_group")
