// x / y = x · y⁻¹ (mod p) for y ≠ 0, one of the operations of Power et al. 2022, arXiv:2201.02177.
#include <groklab/operation.h>

namespace {

class Divide final : public groklab::ModularOperation {
 public:
  explicit Divide(const groklab::Params& params) : ModularOperation(params) {
    require_prime_modulus("division needs a prime, so that every y ≠ 0 has an inverse");
  }
  std::string formula() const override { return "x / y (mod p), y != 0"; }
  Element apply(Element x, Element y) const override {
    return y == 0 ? kUndefined : mod(x * inverse(y));
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, Divide, "divide", "", "Power et al. 2022, arXiv:2201.02177")
