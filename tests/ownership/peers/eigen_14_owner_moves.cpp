// Row 14: an owner moves while a view of it exists.
#include <Eigen/Dense>
#include <vector>

#include "outcome.hpp"

int main() {
  std::vector<Eigen::Matrix2d> all(1, Eigen::Matrix2d::Ones());
  auto column = all[0].col(0);
  all.resize(100);
  return peers::right(column(0) == 1);
}
