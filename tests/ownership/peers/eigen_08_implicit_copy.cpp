// Row 8: a copy that nobody wrote.
#include <Eigen/Dense>

#include "outcome.hpp"

double first(Eigen::VectorXd by_value) { return by_value(0); }
int main() {
  const Eigen::VectorXd a = Eigen::VectorXd::Constant(4, 1);
  first(a);
  std::puts("copied silently");
}
