// Row 5: a destination that is read in another order.
#include <xtensor/xarray.hpp>
#include <xtensor/xview.hpp>

#include "outcome.hpp"

int main() {
  xt::xarray<double> x = {1, 2, 3, 4, 5};
  xt::view(x, xt::range(1, 5)) = xt::view(x, xt::range(0, 4));
  xt::xarray<double> a = {{1, 2}, {3, 4}};
  a = xt::transpose(a) + a + a;
  return peers::right(x(4) == 4 && a(0, 1) == 7 && a(1, 0) == 8);
}
