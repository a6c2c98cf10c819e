#include "tenon/base/dtype.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/effort.hpp"

using namespace tenon;

namespace {
/// The value of a pattern by the definition of the format: sign, exponent with its bias, fraction.
template <int Exponent, int Fraction> double by_definition(std::uint32_t bits) {
  const int bias = (1 << (Exponent - 1)) - 1, top = (1 << Exponent) - 1;
  const int e = static_cast<int>(bits >> Fraction) & top;
  const auto f = static_cast<double>(bits & ((1u << Fraction) - 1));
  const double sign = (bits >> (Exponent + Fraction)) & 1 ? -1 : 1;
  if (e == top) return f == 0 ? sign * INFINITY : std::numeric_limits<double>::quiet_NaN();
  if (e == 0) return sign * std::ldexp(f, 1 - bias - Fraction);
  return sign * std::ldexp(1 + std::ldexp(f, -Fraction), e - bias);
}
template <class T> double by_definition(std::uint32_t bits) {
  if constexpr (std::is_same_v<T, float16>) return by_definition<5, 10>(bits);
  else return by_definition<8, 7>(bits);
}
template <class T> constexpr std::uint16_t infinity_bits = std::is_same_v<T, float16> ? 0x7c00 : 0x7f80;

/// Rounds to nearest, ties to even, by searching the neighbours of x >= 0; infinity counts as the next power of two. Exact:
/// neighbours are at most a factor of 2 from x, or 0.
template <class T> std::uint16_t nearest(double x) {
  std::uint16_t lo = 0, hi = infinity_bits<T>;  // lo <= x < hi
  while (hi - lo > 1) {
    const auto middle = static_cast<std::uint16_t>((lo + hi) / 2);
    (by_definition<T>(middle) <= x ? lo : hi) = middle;
  }
  const double below = by_definition<T>(lo);
  const bool overflows = hi == infinity_bits<T>;
  const double above = overflows ? 2 * below - by_definition<T>(lo - 1u) : by_definition<T>(hi);
  if (x - below == above - x) return lo % 2 == 0 ? lo : hi;
  return x - below < above - x ? lo : hi;
}
template <class T> void check_rounding(double x) {
  const auto want = nearest<T>(x);
  CAPTURE(x, want);
  REQUIRE(T(x).bits() == want);
  REQUIRE(T(-x).bits() == (want | 0x8000));
  const auto f = static_cast<float>(x);
  REQUIRE(T(f).bits() == nearest<T>(f));
  REQUIRE(T(-f).bits() == (nearest<T>(f) | 0x8000));
}
}  // namespace

TEMPLATE_TEST_CASE("16-bit types: every pattern has the value of its format and comes back", "[base][dtype]", bfloat16,
                   float16) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto x = TestType::from_bits(static_cast<std::uint16_t>(bits));
    const float f = x;
    const double want = by_definition<TestType>(bits);
    CAPTURE(bits);
    REQUIRE(x.bits() == bits);
    if (std::isnan(want)) {
      REQUIRE(std::isnan(f));
      REQUIRE(std::isnan(static_cast<float>(TestType(f))));
      REQUIRE(std::signbit(static_cast<float>(TestType(f))) == (bits >= 0x8000));
    } else {
      REQUIRE(static_cast<double>(f) == want);
      REQUIRE(std::signbit(f) == (bits >= 0x8000));
      REQUIRE(TestType(f).bits() == bits);
      REQUIRE(TestType(static_cast<double>(f)).bits() == bits);
    }
  }
}

TEMPLATE_TEST_CASE("16-bit types: rounding is to nearest, ties to even, at and around every midpoint", "[base][dtype]",
                   bfloat16, float16) {
  for (std::uint32_t bits = 0; bits + 1 < infinity_bits<TestType>; bits += tests::effort(1u, 13u)) {
    const double a = by_definition<TestType>(bits), middle = (a + by_definition<TestType>(bits + 1)) / 2;
    for (double x : {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e300), a})
      check_rounding<TestType>(x);
    const auto m = static_cast<float>(middle);
    for (float x : {std::nextafter(m, 0.0f), std::nextafter(m, INFINITY)}) check_rounding<TestType>(x);
  }
}

TEMPLATE_TEST_CASE("16-bit types: floats of every size round rightly", "[base][dtype]", bfloat16, float16) {
  for (std::uint64_t u = 0; u < 0x7f800000u; u += tests::effort(9973u, 99991u)) {
    float f = 0;
    const auto bits = static_cast<std::uint32_t>(u);
    std::memcpy(&f, &bits, 4);
    REQUIRE(TestType(f).bits() == nearest<TestType>(f));
  }
}

TEMPLATE_TEST_CASE("16-bit types: what is too large, infinite or NaN", "[base][dtype]", bfloat16, float16) {
  const auto infinite = infinity_bits<TestType>;
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(TestType(inf).bits() == infinite);
  CHECK(TestType(-inf).bits() == (infinite | 0x8000));
  CHECK(TestType(std::numeric_limits<float>::max()).bits() == infinite);
  CHECK(TestType(1e300).bits() == infinite);
  CHECK(TestType(-1e300).bits() == (infinite | 0x8000));
  CHECK(TestType(1e-300).bits() == 0);
  CHECK(TestType(-1e-300).bits() == 0x8000);
  CHECK(std::isnan(static_cast<float>(TestType(nan))));
  const std::uint32_t least_payload = 0x7f800001;  // its payload lies in the bits that are dropped
  float signalling = 0;
  std::memcpy(&signalling, &least_payload, 4);
  CHECK(std::isnan(static_cast<float>(TestType(signalling))));
}

TEST_CASE("float16: the ends of its range", "[base][dtype]") {
  CHECK(float16(65504.0f).bits() == 0x7bff);
  CHECK(float16(65519.99f).bits() == 0x7bff);
  CHECK(float16(65520.0f).bits() == 0x7c00);
  CHECK(float16(0x1p-24f).bits() == 1);
  CHECK(float16(0x1p-25f).bits() == 0);
  CHECK(float16(0x1.000002p-25f).bits() == 1);
  CHECK(float16(0x1.ffep-15f).bits() == 0x0400);  // the largest tie among denormals becomes the least normal
}

TEST_CASE("16-bit types: a double is rounded once, not twice", "[base][dtype]") {
  const double just_above_tie = 1 + 0x1p-8 + 0x1p-50;  // as a float it is the tie itself, which would go to even
  CHECK(bfloat16(just_above_tie).bits() == bfloat16::from_bits(0x3f81).bits());
  CHECK(bfloat16(1 + 0x1p-8).bits() == 0x3f80);
  CHECK(float16(1 + 0x1p-11 + 0x1p-50).bits() == 0x3c01);
  CHECK(float16(1 + 0x1p-11).bits() == 0x3c00);
  CHECK(float16(3).bits() == 0x4200);
  CHECK(bfloat16(true).bits() == 0x3f80);
}

TEST_CASE("16-bit types: storage only, computed with in float", "[base][dtype]") {
  static_assert(std::is_trivially_copyable_v<bfloat16> && std::is_trivially_default_constructible_v<bfloat16>);
  static_assert(std::is_trivially_copyable_v<float16> && std::is_trivially_default_constructible_v<float16>);
  static_assert(sizeof(bfloat16) == 2 && sizeof(float16) == 2);
  static_assert(std::is_same_v<decltype(bfloat16(1.f) + bfloat16(2.f)), float>);
  static_assert(!std::is_convertible_v<float, bfloat16> && !std::is_convertible_v<float, float16>);
  static_assert(std::is_convertible_v<bfloat16, float> && std::is_convertible_v<float16, float>);
  static_assert(bfloat16(1.5f) == 1.5f && float16(-0.25) == -0.25f);  // constexpr
  CHECK(bfloat16(1.0f) < bfloat16(2.0f));
}

TEST_CASE("dtype: names and types map both ways", "[base][dtype]") {
  CHECK(dtype_name<float> == "float32");
  CHECK(dtype_name<const double> == "float64");
  CHECK(dtype_name<std::int32_t> == "int32");
  CHECK(dtype_name<std::int64_t> == "int64");
  CHECK(dtype_name<std::uint8_t> == "uint8");
  CHECK(dtype_name<bool> == "bool");
  CHECK(dtype_name<bfloat16> == "bfloat16");
  CHECK(dtype_name<float16> == "float16");
  std::string shorts;
  for (int i = 0; i < dtype_count; ++i) shorts += std::string(short_name_of(static_cast<Dtype>(i))) + " ";
  CHECK(shorts == "f32 f64 i32 i64 u8 bool bf16 f16 ");
  for (int i = 0; i < dtype_count; ++i) {
    const auto d = static_cast<Dtype>(i);
    CHECK(dtype_from_name(name_of(d)) == d);
    CHECK(dtype_from_name(short_name_of(d)) == d);
    CHECK(with_dtype(d, []<class T>() { return dtype_of<T>; }) == d);
    CHECK(size_of(d) == with_dtype(d, []<class T>() { return static_cast<Index>(sizeof(T)); }));
  }
  CHECK_FALSE(dtype_from_name("float").has_value());
  CHECK_FALSE(dtype_from_name("").has_value());
}

TEST_CASE("dtype: what is computed with and summed in", "[base][dtype]") {
  static_assert(std::is_same_v<compute_t<bfloat16>, float> && std::is_same_v<accumulate_t<float16>, float>);
  static_assert(std::is_same_v<compute_t<std::uint8_t>, std::uint8_t> && std::is_same_v<compute_t<double>, double>);
  static_assert(std::is_same_v<accumulate_t<float>, float> && std::is_same_v<accumulate_t<const double>, double>);
  static_assert(std::is_same_v<accumulate_t<std::int32_t>, std::int64_t> &&
                std::is_same_v<accumulate_t<std::uint8_t>, std::int64_t> &&
                std::is_same_v<accumulate_t<bool>, std::int64_t> &&
                std::is_same_v<accumulate_t<std::int64_t>, std::int64_t>);
  static_assert(element<float> && element<const bool> && !element<char> && !element<void> && !element<std::string>);
  static_assert(is_half_v<const bfloat16> && !is_half_v<float>);
  SUCCEED();
}

namespace {
template <class T> struct Couple { T a, b; };
}  // namespace
template <class T> struct tenon::ElementTraits<Couple<T>> {
  static constexpr std::string_view name = "pair", short_name = "pair";
  using Compute = Couple<T>;
  using Accumulate = Couple<T>;
};

TEST_CASE("dtype: a new element type needs its traits only", "[base][dtype]") {
  static_assert(element<Couple<float>> && is_element_v<const Couple<double>>);
  CHECK(dtype_name<Couple<float>> == "pair");
}
