// Row 12: use after a move.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd a = Eigen::VectorXd::Constant(4, 1);
  const Eigen::VectorXd b = std::move(a);
  const double s = a.sum() + b.sum();
  return peers::right(s == 8);
}
