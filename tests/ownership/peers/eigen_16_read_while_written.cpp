// Row 16: a callback reads what its caller is writing.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd a = Eigen::VectorXd::LinSpaced(4, 0, 3), was = a;
  a = Eigen::VectorXd::NullaryExpr(4, [&](Eigen::Index i) { return a(3 - i); });
  return peers::right(a == was.reverse());
}
