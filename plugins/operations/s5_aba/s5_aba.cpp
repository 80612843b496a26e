// x · y · x in S5, one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/permutations.h>

namespace {

class S5Aba final : public groklab::PermutationOperation {
 public:
  S5Aba() : PermutationOperation(5) {}
  std::string formula() const override { return "x y x in S5 (x then y then x)"; }
  Element apply(Element x, Element y) const override { return product(product(x, y), x); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, S5Aba, "s5_aba", "", "Power et al. 2022, arXiv:2201.02177")
