// Row 23: an index out of range, in a release build.
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>

#include "outcome.hpp"

int main(int argc, char**) {
  xt::xarray<double> a = xt::ones<double>({4, 4});
  const double x = a(0, 7 + argc);
  a(3, 7 + argc) = 5;
  return peers::right(x == 1);
}
