#include <groklab/permutations.h>

#include <gmock/gmock.h>

#include <stdexcept>

namespace groklab {
namespace {

class Permutations final : public PermutationOperation {
 public:
  using PermutationOperation::PermutationOperation;
  Element apply(Element x, Element y) const override { return product(x, y); }
  std::string formula() const override { return "x y"; }
  using PermutationOperation::inverse;
};

TEST(PermutationOperation, NumbersPermutationsInTheOrderOfTheirOneLineForm) {
  const Permutations three(3);
  ASSERT_EQ(three.size(), 6);
  const std::vector<std::string> names{"012", "021", "102", "120", "201", "210"};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(three.element_name(i), names[i]);
  for (const auto& [degree, size] : {std::pair{1, 1}, std::pair{5, 120}, std::pair{8, 40320}}) {
    EXPECT_EQ(Permutations(degree).size(), size);
  }
}

TEST(PermutationOperation, InverseUndoesFromBothSides) {
  const Permutations five(5);
  for (int x = 0; x < 120; ++x) {
    EXPECT_EQ(five.apply(x, five.inverse(x)), 0);
    EXPECT_EQ(five.apply(five.inverse(x), x), 0);
  }
  EXPECT_EQ(Permutations(3).inverse(3), 4);  // "120" is undone by "201"
}

TEST(PermutationOperation, RefusesADegreeThatFillsTheMemory) {
  EXPECT_THROW(Permutations(0), std::logic_error);
  EXPECT_THROW(Permutations(9), std::logic_error);
}

}  // namespace
}  // namespace groklab
