// Row 22: reading memory that nobody has written.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  { Eigen::VectorXd other = Eigen::VectorXd::Constant(64, 9); }
  Eigen::VectorXd a(64);
  return peers::right(a.sum() == 0);
}
