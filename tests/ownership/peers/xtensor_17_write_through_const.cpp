// Row 17: mutation through const.
#include <xtensor/xarray.hpp>
#include <xtensor/xview.hpp>

#include "outcome.hpp"

int main() {
  xt::xarray<double> a = {1, 1, 1, 1};
  const auto part = xt::view(a, xt::range(0, 2));
  part(0) = 2;
  return peers::right(a(0) == 1);
}
