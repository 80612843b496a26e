// x · y · x⁻¹ in S5, one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/permutations.h>

namespace {

class S5Conjugate final : public groklab::PermutationOperation {
 public:
  S5Conjugate() : PermutationOperation(5) {}
  std::string formula() const override { return "x y x^-1 in S5 (x then y then x^-1)"; }
  Element apply(Element x, Element y) const override { return product(product(x, y), inverse(x)); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, S5Conjugate, "s5_conjugate", "",
               "Power et al. 2022, arXiv:2201.02177")
