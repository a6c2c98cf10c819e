// Row 7: the result of a product is also its operand.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::MatrixXd a = Eigen::MatrixXd::Constant(8, 8, 2);
  a.noalias() = a * a;
  return peers::right(a(7, 7) == 32);
}
