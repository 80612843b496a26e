#include <gmock/gmock.h>
#include <groklab/operation.h>

namespace groklab {
namespace {

using testing::Eq;
using testing::ThrowsMessage;

class Residues final : public ModularOperation {
 public:
  explicit Residues(std::int64_t modulus)
      : ModularOperation(Params::from_defaults(schema(), {{"modulus", modulus}})) {}
  Element apply(Element x, Element y) const override { return mod(x + y); }
  std::string formula() const override { return "x + y"; }
  using ModularOperation::inverse;
  using ModularOperation::mod;
  using ModularOperation::require_prime_modulus;
};

TEST(ModularOperation, HasTheModulusOfThePaperByDefault) {
  const auto schema = ModularOperation::schema();
  const auto* field = schema.find("modulus");
  ASSERT_NE(field, nullptr);
  EXPECT_EQ(std::get<std::int64_t>(field->default_value), 97);
  EXPECT_FALSE(field->range.contains(1));
  EXPECT_TRUE(field->range.contains(2));
  EXPECT_FALSE(field->required);
}

TEST(ModularOperation, HasAsManyElementsAsItsModulus) {
  EXPECT_EQ(Residues(97).size(), 97);
  EXPECT_EQ(Residues(2).size(), 2);
}

TEST(ModularOperation, CallsAnElementByItsNumber) {
  EXPECT_EQ(Residues(97).element_name(0), "0");
  EXPECT_EQ(Residues(97).element_name(96), "96");
}

TEST(ModularOperation, ReducesNegativeNumbersToResidues) {
  const Residues seven(7);
  EXPECT_EQ(seven.mod(-1), 6);
  EXPECT_EQ(seven.mod(-7), 0);
  EXPECT_EQ(seven.mod(-8), 6);
  EXPECT_EQ(seven.mod(0), 0);
  EXPECT_EQ(seven.mod(7), 0);
  EXPECT_EQ(seven.mod(13), 6);
}

TEST(ModularOperation, InverseTimesElementIsOne) {
  for (const std::int64_t p : {2, 3, 5, 97, 113, 9973}) {
    const Residues residues(p);
    for (std::int64_t y = 1; y < p; ++y) {
      const auto inverse = residues.inverse(y);
      ASSERT_EQ(inverse * y % p, 1) << y << " mod " << p;
      ASSERT_GE(inverse, 0);
      ASSERT_LT(inverse, p);
    }
  }
}

TEST(ModularOperation, AcceptsPrimesWhereAPrimeIsNeeded) {
  for (const std::int64_t p : {2, 3, 5, 7, 97, 113, 9973}) {
    EXPECT_NO_THROW(Residues(p).require_prime_modulus("")) << p;
  }
}

TEST(ModularOperation, NamesADivisorWhereAPrimeIsNeeded) {
  EXPECT_THAT([] { Residues(96).require_prime_modulus("division needs a prime"); },
              ThrowsMessage<Error>(Eq("modulus 96 is not prime (it is divisible by 2): "
                                      "division needs a prime")));
  EXPECT_THAT([] { Residues(4).require_prime_modulus("r"); },
              ThrowsMessage<Error>(Eq("modulus 4 is not prime (it is divisible by 2): r")));
  EXPECT_THAT([] { Residues(9409).require_prime_modulus("r"); },  // 97²
              ThrowsMessage<Error>(Eq("modulus 9409 is not prime (it is divisible by 97): r")));
}

}  // namespace
}  // namespace groklab
