// x³ + xy (mod p), one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/operation.h>

namespace {

class X3PlusXy final : public groklab::ModularOperation {
 public:
  using ModularOperation::ModularOperation;
  std::string formula() const override { return "x^3 + x*y (mod p)"; }
  Element apply(Element x, Element y) const override { return mod(x * x * x + x * y); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, X3PlusXy, "x3_plus_xy", "",
               "Power et al. 2022, arXiv:2201.02177")
