// The elementwise functions against long double: every exponent, special values, and lanes that do not see each other.
#include "tenon/simd/math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/catch.hpp"
#include "tests/effort.hpp"

namespace {

using tenon::Index;
using tenon::simd::Batch;

template <class T> using Limits = std::numeric_limits<T>;
template <class T> using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// The distance of got from want in units of the last place of a T that holds want; huge where one is special and the
/// other is not, or where a zero has the wrong sign. Overflow may come one unit early or late.
template <class T> double ulp_error(T got, long double want) {
  constexpr double wrong = 1e30;
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got) ? 0 : wrong;
  if (got == 0 && want == 0) return std::signbit(got) == std::signbit(want) ? 0 : wrong;
  const int lowest = Limits<T>::min_exponent - 1;
  const int exponent = want == 0 || std::ilogb(want) < lowest ? lowest : std::ilogb(want);
  const long double unit = std::ldexp(
      1.0L, (exponent < Limits<T>::max_exponent ? exponent : Limits<T>::max_exponent - 1) - Limits<T>::digits + 1);
  if (std::isinf(got)) {
    const bool overflow = std::fabs(want) > static_cast<long double>(Limits<T>::max()) - unit;
    return overflow && std::signbit(got) == std::signbit(want) ? 0 : wrong;
  }
  if (std::isinf(want)) return wrong;
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / unit);
}

template <class T> void append_specials(std::vector<T>& x) {
  for (const T v : {T(0), Limits<T>::denorm_min(), Limits<T>::min(), Limits<T>::epsilon(), T(0.5), T(1), T(2), T(88.7),
                    T(-104), T(709.7), T(-745), Limits<T>::max(), Limits<T>::infinity(), Limits<T>::quiet_NaN()}) {
    for (const T w : {v, -v, std::nextafter(v, T(0)), std::nextafter(v, T(4))}) x.push_back(w);
  }
}

/// Special values; every exponent by a prime stride through the bit patterns; more where functions bend, in [-32, 32].
template <class T> std::vector<T> arguments(long double limit = Limits<long double>::infinity()) {
  // Where long double is computed in software, as on 64-bit ARM, one argument in 16 or, emulated, in 128.
  constexpr int fewer = Limits<long double>::digits > 64 ? tests::effort(16, 128) : 1;
  constexpr Word<T> stride = (sizeof(T) == 4 ? Word<T>(15013) : Word<T>(92233720368547783ULL)) * fewer;
  std::vector<T> x;
  append_specials(x);
  Word<T> word = 0;
  for (int i = 0; i < 300000 / fewer; ++i) x.push_back(std::bit_cast<T>(word += stride));
  std::uint64_t state = 1;
  for (int i = 0; i < 200000 / fewer; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const T uniform = static_cast<T>(static_cast<double>(state >> 11) * 0x1p-52 - 1);  // [-1, 1)
    x.push_back(std::ldexp(uniform, i % 16 - 10));
  }
  std::vector<T> within;
  for (const T v : x) {
    if (std::isnan(v) || std::fabs(static_cast<long double>(v)) <= limit) within.push_back(v);
  }
  while (within.size() % static_cast<std::size_t>(Batch<T>::size) != 0) within.push_back(T(0.25));
  return within;
}

template <class T, class F, class R> void check_ulp(const std::vector<T>& x, double bound, F f, R reference) {
  double worst = 0;
  T at = T(0);
  std::vector<T> y(x.size());
  for (std::size_t i = 0; i < x.size(); i += static_cast<std::size_t>(Batch<T>::size))
    f(Batch<T>::load(&x[i])).store(&y[i]);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = ulp_error(y[i], reference(static_cast<long double>(x[i])));
    if (error > worst) worst = error, at = x[i];
  }
  INFO("worst at x = " << at);
  CHECK(worst <= bound);
}

template <class T> bool same_bits(T a, T b) { return std::memcmp(&a, &b, sizeof(T)) == 0; }

/// A lane's result is the same whatever stands in the other lanes, and when load_partial fills them.
template <class T, class F> void check_lanes(F f) {
  std::vector<T> values;
  append_specials(values);
  for (const T v : {T(1e-3), T(0.3), T(-0.7), T(3), T(-20), T(300), T(2e5), T(-1e12)}) values.push_back(v);
  int differing = 0;
  for (const T v : values) {
    const T alone = f(Batch<T>(v)).first();
    for (const T w : values) {
      for (Index lane = 0; lane < Batch<T>::size; ++lane) {
        T x[Batch<T>::size];
        for (T& other : x) other = w;
        x[lane] = v;
        T y[Batch<T>::size];
        f(Batch<T>::load(x)).store(y);
        if (!same_bits(y[lane], alone) && !(std::isnan(y[lane]) && std::isnan(alone))) ++differing;
      }
    }
    for (Index n = 1; n < Batch<T>::size; ++n) {
      const std::vector<T> x(static_cast<std::size_t>(n), v);
      std::vector<T> y(x.size());
      f(Batch<T>::load_partial(x.data(), n)).store_partial(y.data(), n);
      for (const T lane : y) {
        if (!same_bits(lane, alone) && !(std::isnan(lane) && std::isnan(alone))) ++differing;
      }
    }
  }
  CHECK(differing == 0);
}

template <class T, class F, class R> void check(double bound, F f, R reference) {
  check_ulp(arguments<T>(), bound, f, reference);
  check_lanes<T>(f);
}
template <class T> constexpr long double trig_limit = sizeof(T) == 4 ? 1e4L : 1e5L;
template <class T, class F, class R> void check_trig(double bound, F f, R reference) {
  check_ulp(arguments<T>(trig_limit<T>), bound, f, reference);
  check_lanes<T>(f);
  int differing = 0;  // beyond the limit: std's result, lane by lane
  for (const T x : {T(2e5), T(-3e6), T(1e30), Limits<T>::max()}) {
    const volatile T argument = x;  // or the compiler evaluates std's function itself, rounding it better
    if (!same_bits(f(Batch<T>(x)).first(), f(T(argument)))) ++differing;
  }
  CHECK(differing == 0);
}

long double exact_sigmoid(long double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
long double exact_softplus(long double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))); }

}  // namespace

TEMPLATE_TEST_CASE("exp: within 1.25 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      1.25, [](auto x) { return exp(x); }, [](long double x) { return std::exp(x); });
}
TEMPLATE_TEST_CASE("expm1: within 1.7 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      1.7, [](auto x) { return expm1(x); }, [](long double x) { return std::expm1(x); });
}
TEMPLATE_TEST_CASE("log: within 1 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      1, [](auto x) { return log(x); }, [](long double x) { return std::log(x); });
}
TEMPLATE_TEST_CASE("log1p: within 1.6 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      1.6, [](auto x) { return log1p(x); }, [](long double x) { return std::log1p(x); });
}
TEMPLATE_TEST_CASE("sigmoid: within 2 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      2, [](auto x) { return sigmoid(x); }, exact_sigmoid);
}
TEMPLATE_TEST_CASE("softplus: within 2 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      2, [](auto x) { return softplus(x); }, exact_softplus);
}
TEMPLATE_TEST_CASE("tanh: within 1.9 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      1.9, [](auto x) { return tanh(x); }, [](long double x) { return std::tanh(x); });
}
TEMPLATE_TEST_CASE("erf: within 1.7 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      1.7, [](auto x) { return erf(x); }, [](long double x) { return std::erf(x); });
}
TEMPLATE_TEST_CASE("rsqrt: within 1.5 ulp at every exponent", "[simd][math]", float, double) {
  check<TestType>(
      1.5, [](auto x) { return rsqrt(x); }, [](long double x) { return 1 / std::sqrt(x); });
}
TEMPLATE_TEST_CASE("ceil: exact, with the sign of zero", "[simd][math]", float, double) {
  check<TestType>(
      0, [](auto x) { return ceil(x); }, [](long double x) { return std::ceil(x); });
}
TEMPLATE_TEST_CASE("sin: within 1.9 ulp up to the limit, std beyond", "[simd][math]", float, double) {
  using std::sin;
  check_trig<TestType>(
      1.9, [](auto x) { return sin(x); }, [](long double x) { return std::sin(x); });
}
TEMPLATE_TEST_CASE("cos: within 1.9 ulp up to the limit, std beyond", "[simd][math]", float, double) {
  using std::cos;
  check_trig<TestType>(
      1.9, [](auto x) { return cos(x); }, [](long double x) { return std::cos(x); });
}
TEMPLATE_TEST_CASE("tan: within 1.9 ulp up to the limit, std beyond", "[simd][math]", float, double) {
  using std::tan;
  check_trig<TestType>(
      1.9, [](auto x) { return tan(x); }, [](long double x) { return std::tan(x); });
}

TEMPLATE_TEST_CASE("sign: 1, -1, and x itself at zero and NaN", "[simd][math]", float, double) {
  using T = TestType;
  for (const T x :
       {T(3), T(-3), Limits<T>::denorm_min(), -Limits<T>::denorm_min(), Limits<T>::infinity(), T(0), T(-0.0)}) {
    const T want = x == 0 ? x : std::copysign(T(1), x);
    CHECK(same_bits(tenon::simd::sign(Batch<T>(x)).first(), want));
    CHECK(same_bits(tenon::simd::sign(x), want));
  }
  CHECK(std::isnan(sign(Batch<T>(Limits<T>::quiet_NaN())).first()));
  CHECK(std::isnan(tenon::simd::sign(Limits<T>::quiet_NaN())));
}

TEMPLATE_TEST_CASE("minimum, maximum: NaN when either is NaN", "[simd][math]", float, double) {
  using T = TestType;
  const T nan = Limits<T>::quiet_NaN();
  const T inf = Limits<T>::infinity();
  for (const T a : {T(1), T(-2), inf, -inf, nan}) {
    for (const T b : {T(1), T(-2), T(0.5), inf, -inf, nan}) {
      const bool either = std::isnan(a) || std::isnan(b);
      const T low = either ? nan : std::fmin(a, b);
      const T high = either ? nan : std::fmax(a, b);
      const auto equal = [](T x, T y) { return x == y || (std::isnan(x) && std::isnan(y)); };
      CHECK(equal(minimum(Batch<T>(a), Batch<T>(b)).first(), low));
      CHECK(equal(maximum(Batch<T>(a), Batch<T>(b)).first(), high));
      CHECK(equal(tenon::simd::minimum(a, b), low));
      CHECK(equal(tenon::simd::maximum(a, b), high));
    }
  }
}

TEMPLATE_TEST_CASE("scalar twins: agree with long double", "[simd][math]", float, double) {
  using T = TestType;
  double worst = 0;
  for (const T x : arguments<T>()) {
    const auto exact = static_cast<long double>(x);
    worst = std::fmax(worst, ulp_error(tenon::simd::sigmoid(x), exact_sigmoid(exact)));
    worst = std::fmax(worst, ulp_error(tenon::simd::softplus(x), exact_softplus(exact)));
    worst = std::fmax(worst, ulp_error(tenon::simd::rsqrt(x), 1 / std::sqrt(exact)));
  }
  CHECK(worst <= 2.5);
}

TEMPLATE_TEST_CASE("pow: within 1 ulp, special values as in std::pow", "[simd][math]", float, double) {
  using T = TestType;
  std::vector<T> bases;
  append_specials(bases);
  for (const T v : {T(1.5), T(0.1), T(-3), T(1.0001), T(-0.9), T(10), T(1e-30), T(-1e20)}) bases.push_back(v);
  std::vector<T> exponents = bases;
  for (const T v : {T(3), T(-3), T(7), T(0.25), T(1.7), T(-2.5), T(8388609), T(16777218), T(-1e4)})
    exponents.push_back(v);
  double worst = 0;
  T worst_x = T(0);
  T worst_y = T(0);
  for (const T x : bases) {
    for (const T y : exponents) {
      const long double want = std::pow(static_cast<long double>(x), static_cast<long double>(y));
      const double error = ulp_error(pow(Batch<T>(x), Batch<T>(y)).first(), want);
      if (error > worst) worst = error, worst_x = x, worst_y = y;
    }
  }
  INFO("worst at " << worst_x << " to the " << worst_y);
  CHECK(worst <= 1);
  check_ulp(
      arguments<T>(1000), 1, [](Batch<T> b) { return pow(abs(b), b - Batch<T>(T(2.5))); },
      [](long double b) { return std::pow(std::fabs(b), static_cast<long double>(static_cast<T>(b) - T(2.5))); });
  check_lanes<T>([](Batch<T> b) { return pow(b, Batch<T>(T(1.7))); });
}
