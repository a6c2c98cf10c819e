// Row 12: use after a move.
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmath.hpp>

#include "outcome.hpp"

int main() {
  xt::xarray<double> a = xt::ones<double>({4});
  const xt::xarray<double> b = std::move(a);
  const double s = xt::sum(a)() + xt::sum(b)();
  return peers::right(s == 8);
}
