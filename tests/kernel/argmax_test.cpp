// argmax and argmin of lines against a plain search.
#include "tenon/kernel/argmax.hpp"

#include <cmath>
#include <vector>

#include "tests/catch.hpp"
#include "tests/effort.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

/// The first NaN, else the first of the best.
template <bool Max, class At> Index first_best(Index n, At at) {
  Index best = 0;
  for (Index i = 0; i < n; ++i) {
    if (std::isnan(at(i))) return i;
    if (Max ? at(i) > at(best) : at(i) < at(best)) best = i;
  }
  return best;
}
template <bool Max, class T> bool agrees(Index n, Index columns, const std::vector<T>& x) {
  using Kernel = tn::kernel::ArgExtreme<Max, T>;
  std::vector<std::int64_t> at(static_cast<std::size_t>(columns));
  if (columns == 1) at[0] = Kernel::line(n, x.data());
  else Kernel::columns(n, columns, columns, x.data(), at.data());
  bool same = true;
  for (Index c = 0; c < columns; ++c)
    same = same && at[static_cast<std::size_t>(c)] ==
                       first_best<Max>(n, [&](Index i) { return x[static_cast<std::size_t>(i * columns + c)]; });
  return same;
}

}  // namespace

TEMPLATE_TEST_CASE("argmax lines: the first best, the first NaN, at any place", "[kernel][argmax]", float, double) {
  using T = TestType;
  for (const Index columns : {1, 2, 19, 512})
    for (const Index n : {1, 2, 15, 16, 17, 40, 100}) {
      std::vector<T> x(static_cast<std::size_t>(n * columns));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>((i * 7919 + i * i) % 13) - 6;  // ties
      bool good = agrees<true>(n, columns, x) && agrees<false>(n, columns, x);
      for (Index i = 0; i < n; i += tests::effort(1, 7))
        for (const T odd : {T(99), T(-99), T(HUGE_VAL), T(NAN), T(-0.0)}) {
          auto changed = x;
          changed[static_cast<std::size_t>(i * columns)] = odd;
          changed[static_cast<std::size_t>((n - 1) * columns)] = odd;  // the first of two
          good = good && agrees<true>(n, columns, changed) && agrees<false>(n, columns, changed);
        }
      INFO(columns << " lines of " << n);
      CHECK(good);
    }
}
