// Row 4: an expression used twice: is its function called twice an element?
#include <xtensor/xarray.hpp>
#include <xtensor/xvectorize.hpp>

#include "outcome.hpp"

int main() {
  int calls = 0;
  const xt::xarray<double> a = {1, 1, 1, 1};
  auto count = xt::vectorize([&](double v) { return ++calls, v; });
  auto h = count(a);
  const xt::xarray<double> x = h + h, y = h;
  std::puts(calls == 4 ? "right" : "work repeated");
}
