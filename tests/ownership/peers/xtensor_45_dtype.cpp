// Row 45: two dtypes meet by accident: a fraction is cut off.
#include <xtensor/xarray.hpp>

#include "outcome.hpp"

int main() {
  const xt::xarray<int> a = {1, 2};
  xt::xarray<int> c = a * 0.5;
  return peers::right(c(0) == 0.5);
}
