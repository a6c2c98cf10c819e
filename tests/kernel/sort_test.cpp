// argsort and first_places against a stable sort by comparison.
#include "tenon/kernel/sort.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/catch.hpp"

namespace {

using tenon::Index;
using Places = std::vector<std::int64_t>;

/// a before b: NaN behind every number, in the order of the values otherwise.
template <class T> bool less(T a, T b) {
  const auto x = static_cast<long double>(a), y = static_cast<long double>(b);
  return x < y || (std::isnan(y) && !std::isnan(x));
}
template <class T> Places expected(const std::vector<T>& x, Index stride, bool descending) {
  Places order((x.size() + static_cast<std::size_t>(stride) - 1) / static_cast<std::size_t>(stride));
  std::iota(order.begin(), order.end(), 0);
  const auto at = [&](std::int64_t i) { return x[static_cast<std::size_t>(i * stride)]; };
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return descending ? less(at(b), at(a)) : less(at(a), at(b));
  });
  return order;
}
/// Many equal, both signs, both zeros, infinities and NaN of either sign where T has them.
template <class T> std::vector<T> numbers(Index n) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> x;
  std::uint64_t state = 7;
  for (Index i = 0; i < n; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto k = static_cast<int>(state >> 57);
    if constexpr (std::is_floating_point_v<T>) {
      const T special[] = {
          Limits::infinity(),   -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN(), T(0), T(-0.0),
          Limits::denorm_min(), -Limits::max()};
      x.push_back(k < 16 ? special[k % 8] : static_cast<T>(k - 70) / T(3));
    } else {
      x.push_back(k == 0 ? Limits::lowest() : k == 1 ? Limits::max() : static_cast<T>(k - 70));
    }
  }
  return x;
}

}  // namespace

TEMPLATE_TEST_CASE("sort: argsort and first_places are a stable sort", "[kernel][sort]", float, double, std::int8_t,
                   std::uint32_t, std::int64_t) {
  using T = TestType;
  namespace k = tenon::kernel;
  for (const Index n : {1, 2, 31, 32, 33, 100, 1000}) {
    for (const Index stride : {1, 3}) {
      const std::vector<T> x = numbers<T>((n - 1) * stride + 1);
      std::vector<std::int64_t> scratch(static_cast<std::size_t>(k::sort_scratch_bytes<T>(n) / 8 + n));
      for (const bool descending : {false, true}) {
        const Places want = expected(x, stride, descending);
        Places order(static_cast<std::size_t>(n));
        k::argsort(n, x.data(), stride, descending, order.data(), 1, scratch.data());
        INFO(n << " elements " << stride << " apart");
        CHECK(order == want);
        for (const Index count : {Index(0), Index(1), Index(8), Index(64), Index(65), n}) {
          if (count > n) continue;
          Places first(static_cast<std::size_t>(2 * count) + 1, -1);  // two apart
          k::first_places(n, count, x.data(), stride, descending, first.data(), 2, scratch.data());
          bool good = true;
          for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
            good = good && first[2 * i] == want[i] && first[2 * i + 1] == -1;
          CHECK(good);
        }
      }
    }
  }
}
