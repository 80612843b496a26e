#include <groklab/permutations.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace groklab {

PermutationOperation::PermutationOperation(std::int64_t degree) {
  if (degree < 1 || degree > 8) throw std::logic_error("a degree is from 1 to 8");
  Permutation permutation(static_cast<std::size_t>(degree));
  std::iota(permutation.begin(), permutation.end(), 0);
  do {
    permutations_.push_back(permutation);
  } while (std::next_permutation(permutation.begin(), permutation.end()));
}

std::string PermutationOperation::element_name(Element element) const {
  std::string name;
  for (const int image : permutations_.at(static_cast<std::size_t>(element))) {
    name += std::to_string(image);
  }
  return name;
}

Operation::Element PermutationOperation::product(Element x, Element y) const {
  auto permutation = permutations_.at(static_cast<std::size_t>(x));
  const auto& second = permutations_.at(static_cast<std::size_t>(y));
  for (int& image : permutation) image = second[static_cast<std::size_t>(image)];
  return number_of(permutation);
}

Operation::Element PermutationOperation::inverse(Element x) const {
  const auto& permutation = permutations_.at(static_cast<std::size_t>(x));
  auto inverse = permutation;
  for (std::size_t i = 0; i < inverse.size(); ++i) {
    inverse[static_cast<std::size_t>(permutation[i])] = static_cast<int>(i);
  }
  return number_of(inverse);
}

Operation::Element PermutationOperation::number_of(const Permutation& permutation) const {
  const auto found = std::lower_bound(permutations_.begin(), permutations_.end(), permutation);
  return found - permutations_.begin();
}

}  // namespace groklab
