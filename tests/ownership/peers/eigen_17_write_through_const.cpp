// Row 17: mutation through const.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd a = Eigen::VectorXd::Constant(4, 1);
  const auto part = a.head(2);
  const Eigen::Map<Eigen::VectorXd> map(a.data(), 4);
  map(0) = 2;
  return peers::right(part(0) == 1);
}
