// x / y if y is odd, else x − y (mod p), an operation of Power et al. 2022, arXiv:2201.02177.
#include <groklab/operation.h>

namespace {

// Odd and even are the residues as numbers from 0 to p − 1, so y = 0 is even and stays.
class DivideOrSubtract final : public groklab::ModularOperation {
 public:
  explicit DivideOrSubtract(const groklab::Params& params) : ModularOperation(params) {
    require_prime_modulus("division needs a prime, so that every odd y has an inverse");
  }
  std::string formula() const override { return "x / y if y is odd, else x - y (mod p)"; }
  Element apply(Element x, Element y) const override {
    return y % 2 == 1 ? mod(x * inverse(y)) : mod(x - y);
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, DivideOrSubtract, "divide_or_subtract", "",
               "Power et al. 2022, arXiv:2201.02177")
