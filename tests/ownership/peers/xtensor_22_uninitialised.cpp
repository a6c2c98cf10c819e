// Row 22: reading memory that nobody has written.
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xtensor.hpp>

#include "outcome.hpp"

int main() {
  { xt::xtensor<double, 1> other = 9 * xt::ones<double>({64}); }
  xt::xtensor<double, 1> a = xt::empty<double>({64});
  return peers::right(xt::sum(a)() == 0);
}
