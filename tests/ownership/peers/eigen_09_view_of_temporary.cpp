// Row 9: a view of a temporary.
#include <Eigen/Dense>

#include "outcome.hpp"

Eigen::VectorXd make() { return Eigen::VectorXd::Constant(64, 1); }
int main() {
  auto v = make().head(3);
  const Eigen::VectorXd other = Eigen::VectorXd::Constant(64, 9);
  return peers::right(v(0) == 1 && other(0) == 9);
}
