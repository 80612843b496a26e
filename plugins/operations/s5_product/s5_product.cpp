// x · y in S5, one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/permutations.h>

namespace {

class S5Product final : public groklab::PermutationOperation {
 public:
  S5Product() : PermutationOperation(5) {}
  std::string formula() const override { return "x y in S5 (x then y)"; }
  Element apply(Element x, Element y) const override { return product(x, y); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, S5Product, "s5_product", "",
               "Power et al. 2022, arXiv:2201.02177")
