// Row 20: borrowed memory ends first.
#include <vector>
#include <xtensor/xadapt.hpp>

#include "outcome.hpp"

auto lent() {
  std::vector<double> own(64, 1);
  return xt::adapt(own.data(), 64, xt::no_ownership(), std::vector<std::size_t>{64});
}
int main() {
  auto v = lent();
  return peers::right(v(0) == 1);
}
