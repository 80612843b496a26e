// x³ + y³ (mod p).
#include <groklab/operation.h>

namespace {

class SumOfCubes final : public groklab::ModularOperation {
 public:
  using ModularOperation::ModularOperation;
  std::string formula() const override { return "x^3 + y^3 (mod p)"; }
  Element apply(Element x, Element y) const override { return mod(x * x * x + y * y * y); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, SumOfCubes, "sum_of_cubes")
