// x³ + xy² + y (mod p), one of the operations of Power et al. 2022, arXiv:2201.02177.
// It is the one that did not generalise there, with up to 95 % of its table.
#include <groklab/operation.h>

namespace {

class X3PlusXy2PlusY final : public groklab::ModularOperation {
 public:
  using ModularOperation::ModularOperation;
  std::string formula() const override { return "x^3 + x*y^2 + y (mod p)"; }
  Element apply(Element x, Element y) const override { return mod(x * x * x + x * y * y + y); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, X3PlusXy2PlusY, "x3_plus_xy2_plus_y", "",
               "Power et al. 2022, arXiv:2201.02177")
