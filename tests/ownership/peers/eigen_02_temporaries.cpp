// Row 2: an expression over temporaries.
#include <Eigen/Dense>

#include "outcome.hpp"

Eigen::VectorXd make(double x) { return Eigen::VectorXd::Constant(64, x); }
int main() {
  auto sum = make(1) + make(2);
  const Eigen::VectorXd other = make(9), kept = sum;
  return peers::right(kept(0) == 3 && kept(63) == 3);
}
