// Row 9: a view of a temporary.
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xview.hpp>

#include "outcome.hpp"

xt::xarray<double> make() { return xt::ones<double>({64}); }
int main() {
  auto v = xt::view(make(), xt::range(0, 3));
  const xt::xarray<double> other = 9 * make();
  return peers::right(v(0) == 1 && other(0) == 9);
}
