// Row 47: -ffast-math and a NaN that should be seen. Flags: -ffast-math
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmath.hpp>

#include "outcome.hpp"

int main(int argc, char**) {
  xt::xarray<double> a = (0.0 / (argc - 1)) * xt::ones<double>({4});
  return peers::right(xt::all(xt::isnan(a)));
}
