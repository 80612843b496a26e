#include <groklab/operation.h>

namespace groklab {

Operation::~Operation() = default;

std::string Operation::element_name(Element element) const { return std::to_string(element); }

Schema ModularOperation::schema() {
  // The upper end also keeps x * x * x * x within 64 bits.
  return Schema{}.integer("modulus", 97, "p: the elements are the residues 0 … p − 1",
                          between(2, static_cast<double>(kMaxSize)));
}

ModularOperation::ModularOperation(const Params& params) : modulus_(params.integer("modulus")) {}

Operation::Element ModularOperation::inverse(Element y) const {
  Element result = 1;
  for (Element exponent = modulus_ - 2, base = mod(y); exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = mod(result * base);
    base = mod(base * base);
  }
  return result;
}

void ModularOperation::require_prime_modulus(const std::string& reason) const {
  for (std::int64_t divisor = 2; divisor * divisor <= modulus_; ++divisor) {
    if (modulus_ % divisor == 0) {
      throw Error("modulus " + std::to_string(modulus_) + " is not prime (it is divisible by " +
                  std::to_string(divisor) + "): " + reason);
    }
  }
}

}  // namespace groklab
