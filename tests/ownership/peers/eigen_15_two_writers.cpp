// Row 15: two mutable views of the same elements.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd a = Eigen::VectorXd::Constant(4, 1);
  auto one = a.head(3), two = a.tail(3);
  one.setConstant(2), two.setConstant(3);
  std::puts("allowed silently");
}
