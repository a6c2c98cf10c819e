// Row 6: writing into a broadcast.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  Eigen::RowVector3d row(1, 2, 3);
  row.replicate<4, 1>().setZero();
  return peers::right(true);
}
