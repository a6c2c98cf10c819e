// Row 45: two dtypes meet by accident.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  const Eigen::VectorXf a = Eigen::VectorXf::Constant(4, 1);
  const Eigen::VectorXd b = Eigen::VectorXd::Constant(4, 1);
  const Eigen::VectorXd c = a + b;
  return peers::right(c(0) == 2);
}
