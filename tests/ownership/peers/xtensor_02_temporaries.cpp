// Row 2: an expression over temporaries.
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>

#include "outcome.hpp"

xt::xarray<double> make(double x) { return x * xt::ones<double>({64}); }
int main() {
  auto sum = make(1) + make(2);
  const xt::xarray<double> other = make(9), kept = sum;
  return peers::right(kept(0) == 3 && kept(63) == 3);
}
