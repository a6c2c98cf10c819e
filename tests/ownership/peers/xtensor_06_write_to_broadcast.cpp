// Row 6: writing into a broadcast.
#include <xtensor/xarray.hpp>
#include <xtensor/xbroadcast.hpp>

#include "outcome.hpp"

int main() {
  xt::xarray<double> row = {1, 2, 3};
  auto many = xt::broadcast(row, {4, 3});
  many(2, 0) = 5;
  return peers::right(true);
}
