// x² + xy + y² + x (mod p), one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/operation.h>

namespace {

class X2PlusXyPlusY2PlusX final : public groklab::ModularOperation {
 public:
  using ModularOperation::ModularOperation;
  std::string formula() const override { return "x^2 + x*y + y^2 + x (mod p)"; }
  Element apply(Element x, Element y) const override { return mod(x * x + x * y + y * y + x); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, X2PlusXyPlusY2PlusX, "x2_plus_xy_plus_y2_plus_x", "",
               "Power et al. 2022, arXiv:2201.02177")
