#include "report/projection.h"

#include <Eigen/Eigenvalues>

#include <algorithm>

namespace groklab {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix centred(const Points& points) {
  const auto count = static_cast<Eigen::Index>(points.count());
  const Eigen::Map<const Matrix> rows(points.values.data(), count,
                                      static_cast<Eigen::Index>(points.width));
  return rows.rowwise() - rows.colwise().mean();
}

// 1, or −1 if the weight that is largest in size is negative.
double sign_of(const Eigen::VectorXd& weights) {
  Eigen::Index largest = 0;
  weights.cwiseAbs().maxCoeff(&largest);
  return weights[largest] < 0 ? -1 : 1;
}

}  // namespace

PrincipalComponents principal_components(const Points& points, std::size_t components) {
  PrincipalComponents found{{components, std::vector<double>(points.count() * components)},
                            std::vector<double>(components)};
  const auto rows = centred(points);
  const auto total = rows.squaredNorm();
  if (total == 0) return found;
  const Eigen::MatrixXd products = rows.transpose() * rows;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(products);  // rising
  const auto width = rows.cols();
  const auto known = std::min(static_cast<Eigen::Index>(components), width);
  Eigen::Map<Matrix> coordinates(found.points.values.data(), rows.rows(),
                                 static_cast<Eigen::Index>(components));
  for (Eigen::Index i = 0; i < known; ++i) {
    const Eigen::VectorXd weights = solver.eigenvectors().col(width - 1 - i);
    coordinates.col(i) = rows * (sign_of(weights) * weights);
    found.variance_shares[static_cast<std::size_t>(i)] =
        std::max(0.0, solver.eigenvalues()[width - 1 - i]) / total;
  }
  return found;
}

}  // namespace groklab
