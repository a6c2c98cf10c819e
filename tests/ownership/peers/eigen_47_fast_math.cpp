// Row 47: -ffast-math and a NaN that should be seen. Flags: -ffast-math
#include <Eigen/Dense>

#include "outcome.hpp"

int main(int argc, char**) {
  Eigen::VectorXd a = Eigen::VectorXd::Constant(4, 0.0 / (argc - 1));
  return peers::right(!(a.array() == a.array()).all());
}
