// A polynomial in x and y (mod p), as the spec writes it: x^3 + 2*x*y + 1.
#include "expression.h"

#include <groklab/operation.h>

namespace {

class Polynomial final : public groklab::ModularOperation {
 public:
  static groklab::Schema schema() {
    return ModularOperation::schema()
        .text("expression", "",
              "such as x^3 + 2*x*y + 1: made of x, y, integers, + - * ^ and parentheses; the "
              "exponent of ^ is an integer")
        .required();
  }

  explicit Polynomial(const groklab::Params& params)
      : ModularOperation(params),
        text_(params.text("expression")),
        expression_(text_),
        modulus_(params.integer("modulus")) {}

  std::string formula() const override { return text_ + " (mod p)"; }
  Element apply(Element x, Element y) const override { return expression_.value(x, y, modulus_); }

 private:
  std::string text_;
  Expression expression_;
  std::int64_t modulus_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, Polynomial, "polynomial", "a polynomial in x and y (mod p)")
