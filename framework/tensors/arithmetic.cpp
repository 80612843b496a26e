// Makes sums the same in a pack and alone.
#include <cstdlib>

namespace groklab {
namespace {

// Without this, Intel MKL picks the kernel of a matrix product by the alignment of its operands,
// and so by a replica's place in its pack: results then differ in the last bit. AUTO keeps the
// fastest kernels of the processor. MKL reads the variable once, at its first product; a value
// that the user has set stands.
[[maybe_unused]] const int kReproducible = ::setenv("MKL_CBWR", "AUTO", /*overwrite=*/0);

}  // namespace
}  // namespace groklab
