// Row 19: a tensor changes its size while a view of it exists.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd a = Eigen::VectorXd::Constant(64, 1);
  auto v = a.head(3);
  a = Eigen::VectorXd::Constant(4096, 2);
  return peers::right(v(0) == 1 || v(0) == 2);
}
