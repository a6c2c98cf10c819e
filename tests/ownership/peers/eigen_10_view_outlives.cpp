// Row 10: a view outlives its tensor.
#include <Eigen/Dense>
#include <memory>

#include "outcome.hpp"

int main() {
  auto owner = std::make_unique<Eigen::VectorXd>(Eigen::VectorXd::Constant(64, 1));
  Eigen::Map<Eigen::VectorXd> v(owner->data(), 64);
  owner.reset();
  return peers::right(v(0) == 1);
}
