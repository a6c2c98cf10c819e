#include "tenon/op/cast.hpp"

#include "tenon/op/greater.hpp"
#include "tenon/op/multiply.hpp"
#include "tests/op/check.hpp"

namespace tenon_test {

namespace {
/// 0, 1 and 100, which every type holds but bool.
template <class To, class From> void check_pair() {
  tn::Tensor<From, 3> x;
  for (Index i = 0; i < 3; ++i) x.mut()(i) = static_cast<From>(i == 2 ? 100.0f : static_cast<float>(i));
  const tn::Tensor y = tn::cast<To>(x);
  STATIC_REQUIRE(std::is_same_v<decltype(y), const tn::Tensor<To, 3>>);
  const bool narrow = std::is_same_v<From, bool> || std::is_same_v<To, bool>;
  CHECK((static_cast<double>(y(0)) == 0 && static_cast<double>(y(1)) == 1 &&
         static_cast<double>(y(2)) == (narrow ? 1 : 100)));
}
template <class... To> struct Types {
  template <class From> static void check_from() { (check_pair<To, From>(), ...); }
  static void check_all() { (check_from<To>(), ...); }
};
}  // namespace

TEST_CASE("cast: every dtype to every dtype", "[op][cast]") {
  Types<float, double, std::int32_t, std::int64_t, std::uint8_t, bool, tn::bfloat16, tn::float16>::check_all();
}
TEST_CASE("cast: elements of any layout", "[op][cast]") {
  const auto same_value = [](long double x) { return x; };
  check_values_of<float>([](const auto& x) { return tn::cast<double>(x); }, same_value, Accuracy{0}, Domain{-3, 3});
  check_values_of<double>([](const auto& x) { return tn::cast<float>(x); }, same_value, Accuracy{0.5}, Domain{-3, 3});
  check_values_of<float>([](const auto& x) { return tn::cast<std::int32_t>(x); },
                         [](long double x) { return std::trunc(x); }, Accuracy{0}, Domain{-9, 9});
  check_values_of<std::int32_t>([](const auto& x) { return tn::cast<float>(x); }, same_value, Accuracy{0},
                                Domain{-9, 9, 1});
  check_values_of<float>([](const auto& x) { return tn::cast<bool>(x); }, [](long double x) { return x != 0; },
                         Accuracy{0}, Domain{-1, 1, 1});
  check_values_of<float>([](const auto& x) { return tn::cast<float>(x > 0); },
                         [](long double x) { return x > 0 ? 1.0L : 0.0L; }, Accuracy{0}, Domain{-3, 3});
  check_values_of<float>([](const auto& x) { return x * tn::cast<float>(x > 0); },
                         [](long double x) { return x > 0 ? x : 0; }, Accuracy{0}, Domain{-3, 3});
}
TEST_CASE("cast: what an integer cannot hold goes to the nearest it can, NaN to 0", "[op][cast]") {
  const tn::Tensor<double, 5> x = {1e30, -1e30, NAN, -1.9, 2147483647.5};
  const tn::Tensor i = tn::cast<std::int32_t>(x);
  CHECK(i.to_vector() == std::vector<std::int32_t>{2147483647, -2147483647 - 1, 0, -1, 2147483647});
  CHECK(tn::Tensor(tn::cast<std::uint8_t>(x)).to_vector() == std::vector<std::uint8_t>{255, 0, 0, 0, 255});
  const tn::Tensor<float, 2> edge = {9223372036854775808.0f, -9223372036854775808.0f};
  CHECK(tn::Tensor(tn::cast<std::int64_t>(edge)).to_vector() == std::vector<std::int64_t>{INT64_MAX, INT64_MIN});
}
TEST_CASE("cast: a 16-bit type rounds, in the middle of an expression too", "[op][cast]") {
  const tn::Tensor<float, 2> x = {1.00390625f, 3.14159265f};  // 1 + 2^-8 lies between two bfloat16
  const tn::Tensor half = tn::cast<tn::bfloat16>(x);
  STATIC_REQUIRE(std::is_same_v<decltype(half), const tn::Tensor<tn::bfloat16, 2>>);
  const tn::Tensor<float, 2> fused = tn::cast<tn::bfloat16>(x) * 1.0f;
  CHECK(fused(0) == 1.0f);
  CHECK(fused(1) == static_cast<float>(half(1)));
}
TEST_CASE("cast: gradient and tangent pass between floating dtypes", "[op][cast]") {
  const double dx = tn::rule::pull<tn::Cast<float>, 0>(2.0f, 1.0f, 1.0);
  CHECK(dx == 2);
  const tn::Dual<float> y = tn::rule::value<tn::Cast<float>>(tn::Dual<double>(1, 3));
  CHECK(y.tangent == 3);
  STATIC_REQUIRE(tn::without_derivative<tn::Cast<int>>);
}

}  // namespace tenon_test
