// Row 1: an expression kept by auto, its operand changed before it is read.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd a = Eigen::VectorXd::Constant(4, 1), b = a;
  auto sum = a + b;
  a.setConstant(100);
  return peers::right(sum(0) == 2);  // what it was when it was written down
}
