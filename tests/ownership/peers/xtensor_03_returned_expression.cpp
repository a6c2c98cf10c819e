// Row 3: a function returns an expression over its locals.
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>

#include "outcome.hpp"

auto doubled(std::size_t n) {
  xt::xarray<double> local = xt::ones<double>({n});
  return local + local;
}
int main() {
  const xt::xarray<double> y = doubled(64);
  return peers::right(y(0) == 2 && y(63) == 2);
}
