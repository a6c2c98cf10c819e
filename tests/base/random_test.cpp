#include "tenon/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using tenon::Index;
using tenon::philox;
using tenon::Rng;

namespace {
using Block = std::array<std::uint32_t, 4>;

// The vectors that Random123 publishes with its sources (philox4x32, 10 rounds).
constexpr Block of_zeros = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
constexpr Block of_ones = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
constexpr Block of_pi = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
static_assert(philox({0, 0, 0, 0}, {0, 0}) == of_zeros);

/// Pearson's statistic of counts that should all be the same.
double chi_squared(const std::vector<Index>& counts, double expected) {
  double s = 0;
  for (Index c : counts) s += (static_cast<double>(c) - expected) * (static_cast<double>(c) - expected) / expected;
  return s;
}
/// A chi squared variable with k degrees exceeds this with a chance below 1e-4 (normal approximation, 4 sigma).
double limit(double degrees) { return degrees + 4 * std::sqrt(2 * degrees); }

template <class F> std::string message_of(F f) {
  try {
    f();
  } catch (const tenon::ValueError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

template <class T> struct Moments {
  long double mean = 0, variance = 0, skew = 0, kurtosis = 0;
  explicit Moments(const std::vector<T>& x) {
    const auto n = static_cast<long double>(x.size());
    for (T v : x) mean += v / n;
    for (T v : x) variance += (v - mean) * (v - mean) / n;
    const long double deviation = std::sqrt(variance);
    for (T v : x) {
      const long double d = (v - mean) / deviation;
      skew += d * d * d / n;
      kurtosis += d * d * d * d / n;
    }
  }
};
}  // namespace

TEST_CASE("philox: the published known answers", "[base][random]") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == of_zeros);
  const std::uint32_t f = 0xffffffff;
  CHECK(philox({f, f, f, f}, {f, f}) == of_ones);
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) == of_pi);
}

TEST_CASE("philox: one input bit changes about half of the output bits", "[base][random]") {
  int changed = 0;
  for (int bit = 0; bit < 128; ++bit) {
    tenon::PhiloxCounter c{};
    c[static_cast<std::size_t>(bit / 32)] = 1u << (bit % 32);
    const auto r = philox(c, {0, 0});
    for (std::size_t i = 0; i < 4; ++i) changed += std::popcount(r[i] ^ of_zeros[i]);
  }
  CHECK(std::abs(changed - 128 * 64) < 4 * 64);  // sigma is 64
}

TEMPLATE_TEST_CASE("Rng: uniform draws lie in [0, 1) and are equally spread", "[base][random]", float, double) {
  Rng rng(7);
  const Index n = 1 << 18, bins = 256;
  std::vector<Index> count(bins), low_bits(bins), pairs(bins);
  TestType previous = 0;
  for (Index i = 0; i < n; ++i) {
    const auto u = rng.uniform<TestType>();
    if (!(u >= 0 && u < 1)) FAIL("element " << i << " is " << u);
    ++count[static_cast<std::size_t>(u * 256)];
    ++low_bits[static_cast<std::size_t>(std::fmod(u * 65536, TestType(1)) * 256)];
    ++pairs[static_cast<std::size_t>(previous * 16) * 16 + static_cast<std::size_t>(u * 16)];
    previous = u;
  }
  CHECK(chi_squared(count, n / 256.0) < limit(255));
  CHECK(chi_squared(low_bits, n / 256.0) < limit(255));
  CHECK(chi_squared(pairs, n / 256.0) < limit(255));
}

TEST_CASE("Rng: uniform uses 24 and 53 bits", "[base][random]") {
  Rng rng(1);
  float finest = 1;
  double finest_double = 1;
  for (int i = 0; i < 4096; ++i) {
    const float u = rng.uniform() * 0x1p24f;
    const double v = rng.uniform<double>() * 0x1p53;
    REQUIRE(u == std::floor(u));
    REQUIRE(v == std::floor(v));
    finest = std::min(finest, std::fmod(u, 2.0f) == 1 ? 0.0f : 1.0f);
    finest_double = std::min(finest_double, std::fmod(v, 2.0) == 1 ? 0.0 : 1.0);
  }
  CHECK(finest == 0);  // odd multiples of the unit occur
  CHECK(finest_double == 0);
}

TEMPLATE_TEST_CASE("Rng: normal draws have the moments of the normal distribution", "[base][random]", float, double) {
  Rng rng(11);
  const std::size_t n = 1 << 18;
  std::vector<TestType> x(n);
  bool finite = true;
  for (auto& v : x) finite &= std::isfinite(v = rng.normal<TestType>());
  REQUIRE(finite);
  const Moments<TestType> m(x);
  const auto sigmas = [&](double unit) { return 4 * unit / std::sqrt(static_cast<double>(n)); };
  CHECK(std::abs(static_cast<double>(m.mean)) < sigmas(1));
  CHECK(std::abs(static_cast<double>(m.variance) - 1) < sigmas(std::sqrt(2.0)));
  CHECK(std::abs(static_cast<double>(m.skew)) < sigmas(std::sqrt(6.0)));
  CHECK(std::abs(static_cast<double>(m.kurtosis) - 3) < sigmas(std::sqrt(24.0)));

  std::vector<Index> count(64);  // bins of equal probability, by the distribution function
  for (auto v : x) {
    const double p = std::erfc(-static_cast<double>(v) / std::sqrt(2.0)) / 2;
    ++count[std::min<std::size_t>(63, static_cast<std::size_t>(p * 64))];
  }
  CHECK(chi_squared(count, static_cast<double>(n) / 64) < limit(63));
}

TEST_CASE("Rng: normal is finite where the bits under the logarithm are all 0", "[base][random]") {
  Rng rng(0);
  rng.set_state({0, 4 * std::uint64_t{8221478627} + 2});  // found by search; one pair in 2^32 is such
  const float a = rng.normal(), b = rng.normal();
  CHECK(std::abs(std::hypot(a, b) - std::sqrt(64 * std::log(2.0f))) < 1e-5f);
}

TEST_CASE("Rng: the two outputs of Box and Muller are uncorrelated", "[base][random]") {
  Rng rng(13);
  const int pairs = 1 << 16;
  double product = 0, squares = 0;
  for (int i = 0; i < pairs; ++i) {
    const double a = rng.normal<double>(), b = rng.normal<double>();
    product += a * b;
    squares += (a * a - 1) * (b * b - 1);
  }
  CHECK(std::abs(product) < 4 * std::sqrt(pairs));
  CHECK(std::abs(squares) < 4 * 2 * std::sqrt(pairs));
}

TEST_CASE("Rng: neighbouring draws of different kinds share no bits", "[base][random]") {
  const int n = 1 << 16;
  double correlation = 0;
  for (int i = 0; i < n; ++i) {
    Rng a(5), b(5);
    a.advance(i), b.advance(i);
    correlation += (a.uniform<double>() - 0.5) * b.normal<double>();
  }
  CHECK(std::abs(correlation) < 4 * std::sqrt(n / 12.0));
}

TEST_CASE("Rng: below is unbiased", "[base][random]") {
  for (Index n : {1, 2, 3, 7, 10, 64, 100}) {
    Rng rng(static_cast<std::uint64_t>(n));
    std::vector<Index> count(static_cast<std::size_t>(n));
    for (int i = 0; i < 100000; ++i) {
      const Index k = rng.below(n);
      if (k < 0 || k >= n) FAIL(k << " is not below " << n);
      ++count[static_cast<std::size_t>(k)];
    }
    if (n > 1) CHECK(chi_squared(count, 100000.0 / static_cast<double>(n)) < limit(static_cast<double>(n - 1)));
  }
}

TEST_CASE("Rng: below works at the largest bound and refuses an empty one", "[base][random]") {
  Rng rng(3);
  const Index most = std::numeric_limits<Index>::max();
  int upper = 0;
  for (int i = 0; i < 1000; ++i) upper += rng.below(most) > most / 2;
  CHECK(std::abs(upper - 500) < 64);
  CHECK_THROWS_AS(rng.below(0), tenon::ValueError);
  const std::string refused = message_of([&] { rng.below(-4); });
  CHECK(refused.find("Rng::below: n is -4") != std::string::npos);
  CHECK(refused.find("random_test.cpp:") != std::string::npos);
  CHECK(rng.state().position == 1000);  // a refused draw takes no position
}

TEMPLATE_TEST_CASE("Rng: a fill equals single draws, from any position and in any parts", "[base][random]", float,
                   double) {
  using T = TestType;
  for (Index start : {0, 1, 2, 3, 5}) {
    for (Index n : {0, 1, 2, 3, 4, 5, 9, 33}) {
      Rng one(42);
      one.advance(start);
      Rng whole = one, again = one;
      std::vector<T> u(static_cast<std::size_t>(n)), z(u), part(u);
      whole.fill_uniform(u.data(), n);
      for (T v : u) REQUIRE(v == one.uniform<T>());
      REQUIRE(whole == one);
      whole.fill_normal(z.data(), n);
      for (T v : z) REQUIRE(v == one.normal<T>());

      const Index cut = n / 3;
      Rng tail = again;
      tail.advance(cut);
      tail.fill_uniform(part.data() + cut, n - cut);
      again.fill_uniform(part.data(), cut);
      REQUIRE(part == u);
    }
  }
}

TEMPLATE_TEST_CASE("Rng: fills scale and shift, and stay below the upper end", "[base][random]", float, double) {
  using T = TestType;
  std::vector<T> x(20000);
  Rng rng(9);
  rng.fill_uniform(x.data(), 20000, T(-3), T(5));
  for (T v : x) REQUIRE((v >= -3 && v < 5));
  const Moments<T> m(x);
  CHECK(std::abs(static_cast<double>(m.mean) - 1) < 4 * 8 / std::sqrt(12.0 * 20000));

  const T next = std::nextafter(T(1), T(2));  // a range without room inside
  rng.fill_uniform(x.data(), 20000, T(1), next);
  for (T v : x) REQUIRE(v == 1);
  rng.fill_uniform(x.data(), 3, T(2), T(2));
  CHECK(x[0] == 2);

  rng.fill_normal(x.data(), 20000, T(10), T(0.5));
  const Moments<T> z(x);
  CHECK(std::abs(static_cast<double>(z.mean) - 10) < 4 * 0.5 / std::sqrt(20000.0));
  CHECK(std::abs(static_cast<double>(z.variance) - 0.25) < 4 * 0.25 * std::sqrt(2.0 / 20000));
}

TEST_CASE("Rng: a fill with no range is refused", "[base][random]") {
  Rng rng(1);
  float x = 0;
  const float huge = std::numeric_limits<float>::max(), nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(message_of([&] { rng.fill_uniform(&x, 1, 2.0f, 1.0f); }).find("fill_uniform: the range is 2.0") !=
        std::string::npos);
  CHECK_THROWS_AS(rng.fill_uniform(&x, 1, -huge, huge), tenon::ValueError);
  CHECK_THROWS_AS(rng.fill_uniform(&x, 1, 0.0f, nan), tenon::ValueError);
  CHECK(rng.state().position == 0);
}

TEST_CASE("Rng: 16-bit arrays hold the rounded float draws", "[base][random]") {
  std::vector<tenon::bfloat16> b(100);
  std::vector<float> f(100);
  Rng(4).fill_normal(b.data(), 100);
  Rng(4).fill_normal(f.data(), 100);
  for (std::size_t i = 0; i < 100; ++i) REQUIRE(b[i].bits() == tenon::bfloat16(f[i]).bits());
}

TEST_CASE("Rng: a fork is fixed by its name and by nothing else", "[base][random]") {
  Rng rng(21);
  const Rng dropout = rng.fork("dropout"), third = rng.fork(3);
  rng.uniform();
  CHECK(rng.fork("dropout") == dropout);
  CHECK(rng.fork(3) == third);
  CHECK(rng.fork("3") != third);
  CHECK(rng.fork(4) != third);
  CHECK(Rng(22).fork(3) != third);
  CHECK(rng.fork("") != rng.fork(0));
  CHECK(rng.fork("") != rng.fork(0xcbf29ce484222325u));  // a name is not the number it hashes to
  CHECK(rng.fork(1).fork(2) != rng.fork(2).fork(1));
}

TEST_CASE("Rng: next gives another generator each time", "[base][random]") {
  Rng rng(21);
  const Rng a = rng.next(), b = rng.next();
  CHECK(a != b);
  CHECK(rng.state().position == 2);
  CHECK(Rng(21).next() == a);
  CHECK(a != Rng(21).fork(0));
}

TEST_CASE("Rng: forks are independent of each other and of their parent", "[base][random]") {
  const Rng rng(33);
  const int n = 1 << 16;
  double first_draws = 0, with_parent = 0;
  Rng parent = rng, child = rng.fork("child");
  double previous = 0;
  for (int i = 0; i < n; ++i) {  // the first number of each child: what a per-sample map sees
    const double u = rng.fork(static_cast<std::uint64_t>(i)).uniform<double>() - 0.5;
    first_draws += u * previous;
    previous = u;
    with_parent += (parent.uniform<double>() - 0.5) * (child.uniform<double>() - 0.5);
  }
  CHECK(std::abs(first_draws) < 4 * std::sqrt(n) / 12);
  CHECK(std::abs(with_parent) < 4 * std::sqrt(n) / 12);
}

TEST_CASE("Rng: state goes out and comes back", "[base][random]") {
  Rng rng(0x123456789abcdef0u);
  rng.below(5), rng.normal(), rng.uniform<double>();
  const Rng::State saved = rng.state();
  CHECK(saved.seed == 0x123456789abcdef0u);
  CHECK(saved.position == 3);
  std::vector<float> a(17), b(17);
  rng.fill_normal(a.data(), 17);
  Rng other(0);
  CHECK(other != rng);
  other.set_state(saved);
  other.fill_normal(b.data(), 17);
  CHECK(a == b);
  CHECK(other == rng);
}

TEST_CASE("Rng: both halves of the seed and of the position count", "[base][random]") {
  CHECK(Rng(1).uniform<double>() != Rng(1 | (std::uint64_t{1} << 32)).uniform<double>());
  Rng a(1), b(1);
  b.set_state({1, std::uint64_t{1} << 35});
  CHECK(a.uniform<double>() != b.uniform<double>());
}

TEST_CASE("Rng: shuffle reaches every order equally often", "[base][random]") {
  Rng rng(17);
  std::vector<Index> count(24);
  const int n = 24000;
  for (int i = 0; i < n; ++i) {
    Index p[4] = {0, 1, 2, 3};
    rng.shuffle(p, 4);
    Index rank = 0, unused[4] = {1, 1, 1, 1};
    for (Index k = 0; k < 4; ++k) {  // Lehmer code
      Index smaller = 0;
      for (Index v = 0; v < p[k]; ++v) smaller += unused[v];
      REQUIRE(unused[p[k]] == 1);
      unused[p[k]] = 0;
      rank = rank * (4 - k) + smaller;
    }
    ++count[static_cast<std::size_t>(rank)];
  }
  CHECK(chi_squared(count, n / 24.0) < limit(23));
  CHECK(rng.state().position == 3 * n);
}
