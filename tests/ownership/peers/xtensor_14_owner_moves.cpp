// Row 14: an owner moves while a view of it exists.
#include <vector>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "outcome.hpp"

int main() {
  std::vector<xt::xtensor<double, 2>> all(1, xt::ones<double>({2, 2}));
  auto column = xt::view(all[0], xt::all(), 0);
  all.resize(100);
  return peers::right(column(0) == 1);
}
