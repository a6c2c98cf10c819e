// Row 44: a size whose bytes overflow.
#include <xtensor/xtensor.hpp>

#include "outcome.hpp"

int main() {
  return peers::refused_at_run_time([] {
    const std::size_t n = std::size_t{1} << 32;
    xt::xtensor<double, 2> a({n, n});
    return peers::right(a.size() != 0);  // an array of 2^64 elements was made
  });
}
