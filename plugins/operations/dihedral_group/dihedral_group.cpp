// x · y in the dihedral group: the symmetries of a regular polygon with corners 0 … n − 1.
#include <groklab/operation.h>

namespace {

// Element k < n is the rotation r_k, which takes corner i to i + k, and n + k is the reflection
// s_k, which takes i to k − i (mod n). A product is read from left to right: x is done first. So
// r_k then s_l takes i to l − (i + k) and is s_(l−k); s_k then s_l takes i to l − (k − i) and is
// r_(l−k).
class DihedralGroup final : public groklab::Operation {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}.integer("degree", 6,
                                     "n: the 2n elements are the rotations r0 … r(n − 1), then the "
                                     "reflections s0 … s(n − 1), of a polygon with n corners",
                                     groklab::between(3, 1000));
  }

  explicit DihedralGroup(const groklab::Params& params) : degree_(params.integer("degree")) {}

  std::int64_t size() const override { return 2 * degree_; }
  std::string formula() const override { return "x y in D_n (x then y)"; }

  Element apply(Element x, Element y) const override {
    const bool x_reflects = x >= degree_, y_reflects = y >= degree_;
    const auto turn = y_reflects ? y - x + 2 * degree_ : x + y;
    return turn % degree_ + (x_reflects != y_reflects ? degree_ : 0);
  }

  std::string element_name(Element element) const override {
    return (element < degree_ ? "r" : "s") + std::to_string(element % degree_);
  }

 private:
  std::int64_t degree_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Operation, DihedralGroup, "dihedral_group")
