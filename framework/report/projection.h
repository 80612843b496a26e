#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace groklab {

// n points of `width` coordinates, row by row.
struct Points {
  std::size_t width = 0;
  std::vector<double> values;

  std::size_t count() const { return width == 0 ? 0 : values.size() / width; }
  const double* row(std::size_t i) const { return values.data() + i * width; }
};

// Coordinates along the first `components` principal components (of the centred points, largest
// variance first; a component's sign is such that its largest weight is positive), and the share of
// the variance that each has. Beyond the rank of the points both are 0.
struct PrincipalComponents {
  Points points;
  std::vector<double> variance_shares;
};
PrincipalComponents principal_components(const Points& points, std::size_t components);

// t-SNE with the exact gradient (van der Maaten and Hinton 2008), in two dimensions, started from
// the first two principal components as in Kobak and Berens 2019 (Nature Communications 10, 5416)
// with noise of `seed`. `perplexity` from 1 to (n − 1)/3 is kept, others are moved into that.
struct TsneOptions {
  double perplexity = 30;
  std::uint64_t seed = 0;
  int iterations = 1500;
};
struct TsneMap {
  Points points;      // n × 2
  double divergence;  // Kullback–Leibler, of the final map
  double perplexity;  // that was used
};
TsneMap tsne(const Points& points, const TsneOptions& options);

}  // namespace groklab
