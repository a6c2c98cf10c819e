// Row 20: borrowed memory ends first.
#include <Eigen/Dense>
#include <vector>

#include "outcome.hpp"

auto lent() {
  std::vector<double> own(64, 1);
  return Eigen::Map<Eigen::VectorXd>(own.data(), 64);
}
int main() {
  auto v = lent();
  return peers::right(v(0) == 1);
}
