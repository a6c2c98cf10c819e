// Row 23: an index out of range, in a release build.
#include <Eigen/Dense>

#include "outcome.hpp"

int main(int argc, char**) {
  Eigen::MatrixXd a = Eigen::MatrixXd::Constant(4, 4, 1);
  const double x = a(0, 7 + argc);
  return peers::right(x == 1);
}
