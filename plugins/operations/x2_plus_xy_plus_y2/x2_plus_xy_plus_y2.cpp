// x² + xy + y² (mod p), one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/operation.h>

namespace {

class X2PlusXyPlusY2 final : public groklab::ModularOperation {
 public:
  using ModularOperation::ModularOperation;
  std::string formula() const override { return "x^2 + x*y + y^2 (mod p)"; }
  Element apply(Element x, Element y) const override { return mod(x * x + x * y + y * y); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, X2PlusXyPlusY2, "x2_plus_xy_plus_y2", "",
               "Power et al. 2022, arXiv:2201.02177")
