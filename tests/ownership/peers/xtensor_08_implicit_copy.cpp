// Row 8: a copy that nobody wrote.
#include <xtensor/xarray.hpp>

#include "outcome.hpp"

double first(xt::xarray<double> by_value) { return by_value(0); }
int main() {
  const xt::xarray<double> a = {1, 2, 3};
  first(a);
  std::puts("copied silently");
}
