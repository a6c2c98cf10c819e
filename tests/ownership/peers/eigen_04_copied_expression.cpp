// Row 4: an expression used twice: is its function called twice an element?
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  int calls = 0;
  const Eigen::VectorXd a = Eigen::VectorXd::Constant(4, 1);
  auto h = a.unaryExpr([&](double v) { return ++calls, v; });
  const Eigen::VectorXd x = h + h, y = h;
  std::puts(calls == 4 ? "right" : "work repeated");
}
