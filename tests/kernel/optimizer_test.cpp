// Update rules against plain loops in long double, over several updates and odd sizes.
#include "tenon/kernel/optimizer.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

std::size_t u(Index i) { return static_cast<std::size_t>(i); }
template <class T> std::vector<T> numbers(Index n, int seed) {
  std::vector<T> x;
  for (Index i = 0; i < n; ++i) x.push_back(static_cast<T>(std::sin(1.7 * static_cast<double>(i) + seed)));
  return x;
}
template <class T> bool near(T x, long double want) {
  return std::abs(static_cast<long double>(x) - want) <= 16 * std::numeric_limits<T>::epsilon() * (1 + std::abs(want));
}

template <class T> bool check_adam(Index n, T keep, T decay) {
  auto w = numbers<T>(n, 1);
  std::vector<T> m(u(n)), v(u(n));
  std::vector<long double> tw(w.begin(), w.end()), tm(u(n)), tv(u(n));
  bool good = true;
  for (int t = 1; t <= 3; ++t) {
    const auto g = numbers<T>(n, 10 + t);
    const tn::kernel::AdamStep<T> s{T(0.01), T(0.75), T(0.25), T(0.875), T(0.125), T(1.5), T(0.0625), keep, decay};
    tn::kernel::adam_update(n, w.data(), g.data(), m.data(), v.data(), s);
    for (Index i = 0; i < n; ++i) {
      const long double gi = g[u(i)] + static_cast<long double>(decay) * tw[u(i)];
      tm[u(i)] = 0.75L * tm[u(i)] + 0.25L * gi;
      tv[u(i)] = 0.875L * tv[u(i)] + 0.125L * gi * gi;
      tw[u(i)] =
          keep * tw[u(i)] - static_cast<long double>(T(0.01)) * tm[u(i)] / (std::sqrt(tv[u(i)]) * 1.5L + 0.0625L);
      good = good && near(w[u(i)], tw[u(i)]) && near(m[u(i)], tm[u(i)]) && near(v[u(i)], tv[u(i)]);
    }
  }
  return good;
}
template <class T> bool check_sgd(Index n, bool momentum, bool nesterov) {
  auto w = numbers<T>(n, 1);
  std::vector<T> v(u(n));
  std::vector<long double> tw(w.begin(), w.end()), tv(u(n));
  bool good = true;
  for (int t = 1; t <= 3; ++t) {
    const auto g = numbers<T>(n, 10 + t);
    tn::kernel::sgd_update(n, w.data(), g.data(), momentum ? v.data() : nullptr,
                           tn::kernel::SgdStep<T>{T(0.125), T(0.75), T(0.25), nesterov});
    for (Index i = 0; i < n; ++i) {
      long double d = g[u(i)] + 0.25L * tw[u(i)];
      if (momentum) {
        tv[u(i)] = 0.75L * tv[u(i)] + d;
        d = nesterov ? d + 0.75L * tv[u(i)] : tv[u(i)];
      }
      tw[u(i)] -= 0.125L * d;
      good = good && near(w[u(i)], tw[u(i)]) && (!momentum || near(v[u(i)], tv[u(i)]));
    }
  }
  return good;
}

}  // namespace

TEMPLATE_TEST_CASE("optimizer updates: follow their formulas, and touch nothing behind the end", "[kernel][optimizer]",
                   float, double) {
  using T = TestType;
  for (const Index n : {0, 1, 7, 16, 37, 100000}) {
    INFO(n);
    CHECK(check_adam<T>(n, T(1), T(0)));
    CHECK(check_adam<T>(n, T(0.5), T(0)));
    CHECK(check_adam<T>(n, T(1), T(0.25)));
    CHECK(check_sgd<T>(n, false, false));
    CHECK(check_sgd<T>(n, true, false));
    CHECK(check_sgd<T>(n, true, true));
  }
  std::vector<T> g(20, T(3));
  tn::kernel::scale(Index{17}, g.data(), T(2));
  CHECK((g[0] == 6 && g[16] == 6 && g[17] == 3));
}

TEMPLATE_TEST_CASE("sum_of_squares: in double, of any size", "[kernel][optimizer]", float, double) {
  using T = TestType;
  for (const Index n : {0, 1, 8, 15, 64, 1001}) {
    const auto g = numbers<T>(n, 3);
    long double want = 0;
    for (const T x : g) want += static_cast<long double>(x) * static_cast<long double>(x);
    CHECK(tn::kernel::sum_of_squares(n, g.data()) == Approx(static_cast<double>(want)).epsilon(1e-14));
  }
  const T large = std::sqrt(std::numeric_limits<T>::max()) * (sizeof(T) == 4 ? T(4) : T(0.25));
  CHECK(std::isfinite(tn::kernel::sum_of_squares(1, &large)));  // though the square of a float may not be
}
