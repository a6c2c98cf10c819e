// Batch and Mask against plain loops over their lanes.
#include "tenon/simd/batch.hpp"

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "tests/catch.hpp"

namespace {

using tenon::Index;
using tenon::simd::Batch;
using tenon::simd::Mask;

template <class T> struct Lanes {
  T at[Batch<T>::size];
  explicit Lanes(Batch<T> b) { b.store(at); }
  template <class F>
  requires std::is_invocable_r_v<T, F, Index>
  explicit Lanes(F f) {
    for (Index i = 0; i < Batch<T>::size; ++i) at[i] = f(i);
  }
  Batch<T> batch() const { return Batch<T>::load(at); }
};
/// Two batches of different numbers, some of them equal, some negative, exact in float.
template <class T> Lanes<T> first_lanes() {
  return Lanes<T>([](Index i) { return static_cast<T>(i % 5) * T(0.75) - T(1.5); });
}
template <class T> Lanes<T> second_lanes() {
  return Lanes<T>([](Index i) { return static_cast<T>(i % 3) * T(1.5) - T(1.5); });
}
template <class T, class F> bool lanes_are(Batch<T> got, F want) {
  const Lanes<T> lanes(got);
  for (Index i = 0; i < Batch<T>::size; ++i) {
    if (!(lanes.at[i] == want(i) || (std::isnan(lanes.at[i]) && std::isnan(want(i))))) return false;
  }
  return true;
}
template <class T, class F> bool mask_is(Mask<T> got, F want) {
  bool lanes[Mask<T>::size];
  got.store(lanes);
  bool all_true = true;
  bool any_true = false;
  for (Index i = 0; i < Mask<T>::size; ++i) {
    if (lanes[i] != want(i)) return false;
    all_true = all_true && want(i);
    any_true = any_true || want(i);
  }
  return all_lanes(got) == all_true && any(got) == any_true;
}

}  // namespace

TEMPLATE_TEST_CASE("batch: arithmetic is that of each lane", "[simd][batch]", float, double) {
  using T = TestType;
  const Lanes<T> a = first_lanes<T>();
  const Lanes<T> b([](Index i) { return static_cast<T>(i + 1) * T(0.25); });
  const Batch<T> x = a.batch();
  const Batch<T> y = b.batch();
  CHECK(lanes_are(x + y, [&](Index i) { return a.at[i] + b.at[i]; }));
  CHECK(lanes_are(x - y, [&](Index i) { return a.at[i] - b.at[i]; }));
  CHECK(lanes_are(x * y, [&](Index i) { return a.at[i] * b.at[i]; }));
  CHECK(lanes_are(x / y, [&](Index i) { return a.at[i] / b.at[i]; }));
  CHECK(lanes_are(-x, [&](Index i) { return -a.at[i]; }));
  CHECK(lanes_are(fma(x, y, x), [&](Index i) { return a.at[i] * b.at[i] + a.at[i]; }));  // exact numbers
  CHECK(lanes_are(sqrt(y), [&](Index i) { return std::sqrt(b.at[i]); }));
  CHECK(lanes_are(abs(x), [&](Index i) { return std::fabs(a.at[i]); }));
  Batch<T> sum = x;
  sum += y;
  sum -= x;
  sum *= x;
  CHECK(lanes_are(sum, [&](Index i) { return b.at[i] * a.at[i]; }));
  CHECK(x.first() == a.at[0]);
  for (Index i = 0; i < Batch<T>::size; ++i) CHECK(x.get(i) == a.at[i]);
}

TEMPLATE_TEST_CASE("batch: floor and nearbyint round each lane, ties to even", "[simd][batch]", float, double) {
  using T = TestType;
  const T large = sizeof(T) == 4 ? T(16777215) : T(9007199254740991);  // the last odd integer
  for (const T x : {T(0.5), T(1.5), T(2.5), T(-0.5), T(-1.5), T(-2.5), T(0.49), T(-0.51), T(7), T(-7), T(1e6) + T(0.5),
                    large, -large, T(1e30), std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN()}) {
    CHECK(lanes_are(floor(Batch<T>(x)), [&](Index) { return std::floor(x); }));
    CHECK(lanes_are(nearbyint(Batch<T>(x)), [&](Index) { return std::nearbyint(x); }));
  }
}

TEMPLATE_TEST_CASE("batch: comparisons are those of each lane, also with NaN", "[simd][batch]", float, double) {
  using T = TestType;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  Lanes<T> a = first_lanes<T>();
  const Lanes<T> b = second_lanes<T>();
  for (const bool with_nan : {false, true}) {
    if (with_nan) a.at[Batch<T>::size - 1] = nan;
    const Batch<T> x = a.batch();
    const Batch<T> y = b.batch();
    CHECK(mask_is(x < y, [&](Index i) { return a.at[i] < b.at[i]; }));
    CHECK(mask_is(x <= y, [&](Index i) { return a.at[i] <= b.at[i]; }));
    CHECK(mask_is(x > y, [&](Index i) { return a.at[i] > b.at[i]; }));
    CHECK(mask_is(x >= y, [&](Index i) { return a.at[i] >= b.at[i]; }));
    CHECK(mask_is(x == y, [&](Index i) { return a.at[i] == b.at[i]; }));
    CHECK(mask_is(x != y, [&](Index i) { return a.at[i] != b.at[i]; }));
    CHECK(mask_is(x != x, [&](Index i) { return a.at[i] != a.at[i]; }));
  }
}

TEMPLATE_TEST_CASE("mask: logic, load, store, any, all", "[simd][batch]", float, double) {
  using M = Mask<TestType>;
  bool a[M::size];
  bool b[M::size];
  for (int pattern = 0; pattern < 4; ++pattern) {
    for (Index i = 0; i < M::size; ++i) {
      a[i] = pattern == 0 ? false : pattern == 1 ? true : (i % 2 == 0) == (pattern == 2);
      b[i] = i % 3 == 0;
    }
    const M x = M::load(a);
    const M y = M::load(b);
    CHECK(mask_is(x, [&](Index i) { return a[i]; }));
    CHECK(mask_is(!x, [&](Index i) { return !a[i]; }));
    CHECK(mask_is(x & y, [&](Index i) { return a[i] && b[i]; }));
    CHECK(mask_is(x | y, [&](Index i) { return a[i] || b[i]; }));
    CHECK(mask_is(x ^ y, [&](Index i) { return a[i] != b[i]; }));
  }
  CHECK(mask_is(M(true), [](Index) { return true; }));
  CHECK(mask_is(M(false), [](Index) { return false; }));
}

TEMPLATE_TEST_CASE("select: the lane not chosen does not matter", "[simd][batch]", float, double) {
  using T = TestType;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const Lanes<T> a([&](Index i) { return i % 2 == 0 ? static_cast<T>(i) : nan; });
  const Lanes<T> b([&](Index i) { return i % 2 == 0 ? nan : static_cast<T>(-i); });
  bool even[Mask<T>::size];
  for (Index i = 0; i < Mask<T>::size; ++i) even[i] = i % 2 == 0;
  const Batch<T> y = select(Mask<T>::load(even), a.batch(), b.batch());
  CHECK(lanes_are(y, [](Index i) { return i % 2 == 0 ? static_cast<T>(i) : static_cast<T>(-i); }));
}

TEMPLATE_TEST_CASE("load, store: any alignment, nothing beyond", "[simd][batch]", float, double) {
  using T = TestType;
  constexpr auto size = static_cast<std::size_t>(Batch<T>::size);
  const T canary = T(-77);
  for (std::size_t offset = 0; offset < size; ++offset) {
    std::vector<T> from(2 * size, canary);
    for (std::size_t i = 0; i < size; ++i) from[offset + i] = static_cast<T>(i);
    std::vector<T> to(2 * size, canary);
    Batch<T>::load(&from[offset]).store(&to[offset]);
    CHECK(to == from);
  }
  alignas(64) T aligned[size];
  Batch<T>(T(3)).store_aligned(aligned);
  CHECK(lanes_are(Batch<T>::load_aligned(aligned), [](Index) { return T(3); }));
}

TEMPLATE_TEST_CASE("store_streaming: the lanes, nothing beyond", "[simd][batch]", float, double) {
  using T = TestType;
  constexpr Index n = Batch<T>::size;
  alignas(64) T to[3 * n] = {};
  const Lanes<T> a([](Index i) { return static_cast<T>(i + 1); });
  a.batch().store_streaming(to + n);
  tenon::simd::streaming_fence();
  for (Index i = 0; i < 3 * n; ++i) CHECK(to[i] == (i < n || i >= 2 * n ? T(0) : static_cast<T>(i - n + 1)));
}
TEMPLATE_TEST_CASE("load_partial, store_partial: n elements, the rest repeats the first", "[simd][batch]", float,
                   double) {
  using T = TestType;
  constexpr Index size = Batch<T>::size;
  const T canary = T(-77);
  for (Index n = 1; n < size; ++n) {
    // Exactly n elements on the heap: the address sanitizer sees a read or write beyond them.
    std::vector<T> from;
    for (Index i = 0; i < n; ++i) from.push_back(static_cast<T>(i + 1));
    const Batch<T> x = Batch<T>::load_partial(from.data(), n);
    CHECK(lanes_are(x, [&](Index i) { return i < n ? static_cast<T>(i + 1) : T(1); }));
    std::vector<T> exactly(from.size());
    x.store_partial(exactly.data(), n);
    CHECK(exactly == from);
    std::vector<T> to(static_cast<std::size_t>(size) + 2, canary);
    x.store_partial(&to[1], n);
    for (Index i = 0; i < size + 2; ++i) {
      const T want = i >= 1 && i <= n ? static_cast<T>(i) : canary;
      CHECK(to[static_cast<std::size_t>(i)] == want);
    }
  }
}

#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
TEMPLATE_TEST_CASE("fma: rounds once", "[simd][batch]", float, double) {
  using T = TestType;
  const T e = sizeof(T) == 4 ? T(0x1p-20) : T(0x1p-40);  // e^2 is lost when (1 + e)(1 - e) is rounded to 1
  CHECK(lanes_are(fma(Batch<T>(1 + e), Batch<T>(1 - e), Batch<T>(T(-1))), [&](Index) { return -e * e; }));
}
#endif

TEMPLATE_TEST_CASE("reduce_add: the sum of the lanes", "[simd][batch]", float, double) {
  using T = TestType;
  const Lanes<T> a([](Index i) { return static_cast<T>(i * i) - T(3); });
  T sum = T(0);
  for (const T v : a.at) sum += v;
  CHECK(reduce_add(a.batch()) == sum);  // small integers: exact in any order
}
