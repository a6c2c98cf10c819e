// Row 19: a tensor changes its size while an iterator of it exists.
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>

#include "outcome.hpp"

int main() {
  xt::xarray<double> a = xt::ones<double>({64});
  const auto i = a.begin();
  a = 2 * xt::ones<double>({4096});
  return peers::right(*i == 1 || *i == 2);
}
