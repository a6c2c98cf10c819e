// Row 10: a view outlives its tensor.
#include <memory>
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xview.hpp>

#include "outcome.hpp"

int main() {
  auto owner = std::make_unique<xt::xarray<double>>(xt::ones<double>({64}));
  auto v = xt::view(*owner, xt::range(0, 3));
  owner.reset();
  return peers::right(v(0) == 1);
}
