// Row 5: a destination that is read in another order.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(5, 1, 5);
  x.tail(4) = x.head(4);
  Eigen::Matrix2d a;
  a << 1, 2, 3, 4;
  a = a.transpose() + a + a;
  return peers::right(x(4) == 4 && a(0, 1) == 7 && a(1, 0) == 8);
}
