// Row 1: an expression kept by auto, its operand changed before it is read.
#include <xtensor/xarray.hpp>

#include "outcome.hpp"

int main() {
  xt::xarray<double> a = {1, 1, 1, 1}, b = a;
  auto sum = a + b;
  a.fill(100);
  return peers::right(sum(0) == 2);
}
