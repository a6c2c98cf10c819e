// Row 3: a function returns an expression over its locals.
#include <Eigen/Dense>

#include "outcome.hpp"

auto doubled(int n) {
  Eigen::VectorXd local = Eigen::VectorXd::Constant(n, 1);
  return local + local;
}
int main() {
  const Eigen::VectorXd y = doubled(64);
  return peers::right(y(0) == 2 && y(63) == 2);
}
