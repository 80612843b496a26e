// x − y (mod p), one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/operation.h>

namespace {

class Subtract final : public groklab::ModularOperation {
 public:
  using ModularOperation::ModularOperation;
  std::string formula() const override { return "x - y (mod p)"; }
  Element apply(Element x, Element y) const override { return mod(x - y); }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, Subtract, "subtract", "", "Power et al. 2022, arXiv:2201.02177")
