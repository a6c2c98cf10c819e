// The table "Edges" of README.md: one case a row, in its order and in its words, "<case>: <result>".
// tests/harness/readme_test.sh compares the words. What does not compile has its own files in tests/must_not_compile/.
#include <cmath>

#include "tenon/autodiff/functional.hpp"
#include "tenon/op.hpp"
#include "tests/catch.hpp"

namespace tenon_test {

namespace tn = tenon;

namespace {

constexpr double inf = HUGE_VAL, nan = NAN;
using One = tn::Tensor<double, 1>;
using Three = tn::Tensor<double, 3>;
using Integers = tn::Tensor<std::int32_t, 2>;
using None = tn::Tensor<double, tn::dyn>;

const auto max_of = [](const auto& x) { return max(x); };
const auto min_of = [](const auto& x) { return min(x); };

/// f'(x), by the tape.
template <class F> double derivative(F f, double x) {
  return tn::grad([f](const auto& t) { return sum(f(t)); })(One{x})(0);
}
struct Both {
  double first, second;
};
/// The derivatives of f(x, y).
template <class F> Both derivatives(F f, double x, double y) {
  const auto g = tn::grad([f](const auto& s, const auto& t) { return sum(f(s, t)); })(One{x}, One{y});
  return {std::get<0>(g)(0), std::get<1>(g)(0)};
}
template <class F> double number(F f, double x) { return tn::Tensor(f(One{x}))(0); }
template <class X, class T> constexpr bool has_dtype = std::is_same_v<tn::dtype_of_t<X>, T>;

}  // namespace

TEST_CASE("edge table: a * 1e-3, a a float tensor: float, a C++ number takes the tensor's dtype", "[op][edge_table]") {
  const tn::Tensor<float, 2> a = {1, 2};
  const auto scaled = a * 1e-3;
  STATIC_REQUIRE(has_dtype<decltype(scaled), float>);
  CHECK(tn::Tensor(scaled)(1) == 2 * 1e-3f);
}
TEST_CASE("edge table: n * 0.5, n an integer tensor: does not compile, cast<float>(n) * 0.5 does", "[op][edge_table]") {
  CHECK(tn::Tensor(tn::cast<float>(Integers{1, 3}) * 0.5)(1) == 1.5f);
}
TEST_CASE("edge table: two tensors of different dtype: do not compile, cast one", "[op][edge_table]") {
  const tn::Tensor<float, 2> a = {0.5f, 1};
  CHECK(tn::Tensor(tn::cast<double>(a) + tn::Tensor<double, 2>{1.0, 2.0})(1) == 3);
}
TEST_CASE("edge table: a 16-bit tensor in an expression: float, beside a float tensor too", "[op][edge_table]") {
  const tn::Tensor<tn::bfloat16, 1> x = {1.0f};
  const tn::Tensor<float, 1> small = {0x1p-20f};
  STATIC_REQUIRE(std::is_same_v<decltype(tn::Tensor(x * x)), tn::Tensor<float, 1>>);
  CHECK(tn::Tensor(x + small)(0) == 1 + 0x1p-20f);  // no bfloat16
}
TEST_CASE("edge table: integer / integer: float", "[op][edge_table]") {
  const auto quotient = Integers{1, -7} / Integers{2, 2};
  STATIC_REQUIRE(has_dtype<decltype(quotient), float>);
  CHECK(tn::Tensor(quotient)(1) == -3.5f);
}
TEST_CASE("edge table: x / 0: infinite or NaN, for integers too", "[op][edge_table]") {
  CHECK(number([](const auto& x) { return x / 0; }, -1) == -inf);
  CHECK(std::isnan(number([](const auto& x) { return x / 0; }, 0)));
  const tn::Tensor quotient = Integers{1, 0} / 0;
  CHECK(quotient(0) == static_cast<float>(inf));
  CHECK(std::isnan(quotient(1)));
}
TEST_CASE("edge table: integer overflow in + - *: wraps round", "[op][edge_table]") {
  const Integers largest = {INT32_MAX, INT32_MIN};
  CHECK(tn::Tensor(largest + 1)(0) == INT32_MIN);
  CHECK(tn::Tensor(largest - 1)(1) == INT32_MAX);
  CHECK(tn::Tensor(largest * 2)(0) == -2);
}
TEST_CASE("edge table: sum, prod of integers or bool: int64", "[op][edge_table]") {
  const auto total = tn::sum(Integers{INT32_MAX, INT32_MAX});
  STATIC_REQUIRE(has_dtype<decltype(total), std::int64_t>);
  CHECK(total.item() == 2 * std::int64_t{INT32_MAX});
  CHECK(tn::prod(Integers{INT32_MAX, 2}).item() == 2 * std::int64_t{INT32_MAX});
  CHECK(tn::sum(Integers{1, -1} > 0).item() == 1);
}
TEST_CASE("edge table: mean of integers: does not compile, cast first", "[op][edge_table]") {
  CHECK(tn::mean(tn::cast<double>(Integers{1, 2})).item() == 1.5);
}
TEST_CASE("edge table: cast to an integer of NaN or out of range: 0, the nearest integer", "[op][edge_table]") {
  const tn::Tensor n = tn::cast<std::int32_t>(Three{nan, 1e30, -inf});
  CHECK(n.to_vector() == std::vector<std::int32_t>{0, INT32_MAX, INT32_MIN});
}
TEST_CASE("edge table: cast of an integer to one that cannot hold it: wraps round", "[op][edge_table]") {
  const tn::Tensor<std::int64_t, 3> n = {std::int64_t{1} << 32, (std::int64_t{1} << 31) + 5, std::int64_t{-1}};
  CHECK(tn::Tensor(tn::cast<std::int32_t>(n)).to_vector() == std::vector<std::int32_t>{0, INT32_MIN + 5, -1});
  CHECK(tn::Tensor(tn::cast<std::uint8_t>(n)).to_vector() == std::vector<std::uint8_t>{0, 5, 255});
}
TEST_CASE("edge table: comparison with NaN: false, != true", "[op][edge_table]") {
  const One x = {nan};
  CHECK_FALSE(tn::Tensor(x == x)(0));
  CHECK_FALSE(tn::Tensor(x <= 0)(0));
  CHECK_FALSE(tn::Tensor(x > 0)(0));
  CHECK(tn::Tensor(x != x)(0));
}
TEST_CASE("edge table: NaN in maximum, minimum, max, min, relu, clamp: passes", "[op][edge_table]") {
  CHECK(std::isnan(number([](const auto& x) { return maximum(x, 1); }, nan)));
  CHECK(std::isnan(number([](const auto& x) { return minimum(1, x); }, nan)));
  CHECK(std::isnan(tn::max(Three{1.0, nan, 2.0}).item()));
  CHECK(std::isnan(tn::min(Three{1.0, 2.0, nan}).item()));
  CHECK(std::isnan(number([](const auto& x) { return relu(x); }, nan)));
  CHECK(std::isnan(number([](const auto& x) { return clamp(x, -1, 1); }, nan)));
}
TEST_CASE("edge table: argmax, argmin with NaN: the first NaN", "[op][edge_table]") {
  CHECK(tn::argmax(Three{1.0, nan, nan}).item() == 1);
  CHECK(tn::argmin(Three{1.0, nan, 0.0}).item() == 1);
}
TEST_CASE("edge table: argmax, argmin of equal elements: the first", "[op][edge_table]") {
  CHECK(tn::argmax(Three{1.0, 2.0, 2.0}).item() == 1);
  CHECK(tn::argmin(Three{1.0, 1.0, 2.0}).item() == 0);
}
TEST_CASE("edge table: derivative of maximum, minimum of equal elements: 1/2 each", "[op][edge_table]") {
  const Both high = derivatives([](const auto& x, const auto& y) { return maximum(x, y); }, 2, 2);
  const Both low = derivatives([](const auto& x, const auto& y) { return minimum(x, y); }, 2, 2);
  CHECK(high.first == 0.5);
  CHECK(high.second == 0.5);
  CHECK(low.first == 0.5);
  CHECK(low.second == 0.5);
}
TEST_CASE("edge table: gradient of max, min with k equal elements: 1/k each", "[op][edge_table]") {
  CHECK(tn::grad(max_of)(Three{3.0, 1.0, 3.0}).to_vector() == std::vector<double>{0.5, 0, 0.5});
  CHECK(tn::grad(min_of)(Three{3.0, 1.0, 1.0}).to_vector() == std::vector<double>{0, 0.5, 0.5});
}
TEST_CASE("edge table: sum, prod of nothing: 0, 1", "[op][edge_table]") {
  CHECK(tn::sum(None({0})).item() == 0);
  CHECK(tn::prod(None({0})).item() == 1);
}
TEST_CASE("edge table: mean, var of nothing, var of one element: NaN", "[op][edge_table]") {
  CHECK(std::isnan(tn::mean(None({0})).item()));
  CHECK(std::isnan(tn::var(None({0})).item()));
  CHECK(std::isnan(tn::var(One{1.0}).item()));
}
TEST_CASE("edge table: max, min, argmax, argmin of nothing: ShapeError", "[op][edge_table]") {
  const None nothing({0});
  CHECK_THROWS_AS(tn::max(nothing), tn::ShapeError);
  CHECK_THROWS_AS(tn::min(nothing), tn::ShapeError);
  CHECK_THROWS_AS(tn::argmax(nothing), tn::ShapeError);
  CHECK_THROWS_AS(tn::argmin(nothing), tn::ShapeError);
}
TEST_CASE("edge table: logsumexp of nothing, of -inf only: -inf", "[op][edge_table]") {
  CHECK(tn::logsumexp(None({0})).item() == -inf);
  CHECK(tn::logsumexp(Three{-inf, -inf, -inf}).item() == -inf);
}
TEST_CASE("edge table: all, any of nothing: true, false", "[op][edge_table]") {
  const tn::Tensor<bool, tn::dyn> nothing({0});
  CHECK(tn::all(nothing).item());
  CHECK_FALSE(tn::any(nothing).item());
}
TEST_CASE("edge table: softmax of -inf only: NaN", "[op][edge_table]") {
  CHECK(std::isnan(tn::Tensor(tn::softmax(Three{-inf, -inf, -inf}, tn::axis<0>))(0)));
}
TEST_CASE("edge table: cross_entropy of no rows: NaN", "[op][edge_table]") {
  const tn::Tensor<float, tn::dyn, 3> logits({0, 3});
  const tn::Tensor<std::int32_t, tn::dyn> labels({0});
  CHECK(std::isnan(tn::cross_entropy(logits, labels).item()));
}
TEST_CASE("edge table: cross_entropy of a label outside [0, classes): ValueError", "[op][edge_table]") {
  const tn::Tensor<float, 1, 3> logits;
  CHECK_THROWS_AS(tn::Tensor(tn::cross_entropy(logits, tn::Tensor<std::int32_t, 1>{3})), tn::ValueError);
  CHECK_THROWS_AS(tn::Tensor(tn::cross_entropy(logits, tn::Tensor<std::int32_t, 1>{-1})), tn::ValueError);
}
TEST_CASE("edge table: derivative of relu at 0: 0", "[op][edge_table]") {
  CHECK(derivative([](const auto& x) { return relu(x); }, 0) == 0);
}
TEST_CASE("edge table: derivative of abs at 0: 0", "[op][edge_table]") {
  CHECK(derivative([](const auto& x) { return abs(x); }, 0) == 0);
}
TEST_CASE("edge table: derivative of leaky_relu(x, s), elu(x, a) at 0: s, a", "[op][edge_table]") {
  CHECK(derivative([](const auto& x) { return leaky_relu(x, 0.25); }, 0) == 0.25);
  CHECK(derivative([](const auto& x) { return elu(x, 0.5); }, 0) == 0.5);
}
TEST_CASE("edge table: derivative of clamp on a bound, at NaN: 1, 0", "[op][edge_table]") {
  const auto f = [](const auto& x) { return clamp(x, -1, 1); };
  CHECK(derivative(f, 1) == 1);
  CHECK(derivative(f, -1) == 1);
  CHECK(derivative(f, nan) == 0);
}
TEST_CASE("edge table: derivative of sqrt at 0: infinite", "[op][edge_table]") {
  CHECK(derivative([](const auto& x) { return sqrt(x); }, 0) == inf);
}
TEST_CASE("edge table: derivative of norm at 0: 0", "[op][edge_table]") {
  CHECK(tn::grad([](const auto& x) { return norm(x); })(Three{0.0, 0.0, 0.0}).to_vector() ==
        std::vector<double>{0, 0, 0});
}
TEST_CASE("edge table: derivative of std_dev of equal elements: 0", "[op][edge_table]") {
  CHECK(tn::grad([](const auto& x) { return std_dev(x); })(Three{2.0, 2.0, 2.0})(0) == 0);
}
TEST_CASE("edge table: derivative of floor, ceil, round, sign: 0", "[op][edge_table]") {
  CHECK(derivative([](const auto& x) { return x + floor(x) + ceil(x) + round(x) + sign(x); }, 0.5) == 1);
}
TEST_CASE("edge table: round of a half: to the even neighbour", "[op][edge_table]") {
  CHECK(tn::Tensor(tn::round(Three{0.5, 1.5, -2.5})).to_vector() == std::vector<double>{0, 2, -2});
}
TEST_CASE("edge table: pow(0, 0): 1, both derivatives 0", "[op][edge_table]") {
  const auto f = [](const auto& x, const auto& y) { return pow(x, y); };
  CHECK(tn::Tensor(f(One{0.0}, One{0.0}))(0) == 1);
  const Both d = derivatives(f, 0, 0);
  CHECK(d.first == 0);
  CHECK(d.second == 0);
}
TEST_CASE("edge table: derivative of pow(0, y) by y, y > 0: 0", "[op][edge_table]") {
  const auto f = [](const auto& x, const auto& y) { return pow(x, y); };
  CHECK(derivatives(f, 0, 2).second == 0);
  CHECK(derivatives(f, 0, 0.5).second == 0);
}
TEST_CASE("edge table: derivative of pow(x, y) by x at 0: 0 for y > 1, 1 for y = 1, infinite for 0 < y < 1",
          "[op][edge_table]") {
  const auto f = [](const auto& x, const auto& y) { return pow(x, y); };
  CHECK(derivatives(f, 0, 2).first == 0);
  CHECK(derivatives(f, 0, 1).first == 1);
  CHECK(derivatives(f, 0, 0.5).first == inf);
}
TEST_CASE("edge table: pow(x, y), x < 0, y not whole: NaN", "[op][edge_table]") {
  CHECK(std::isnan(number([](const auto& x) { return pow(x, 0.5); }, -2)));
  CHECK(number([](const auto& x) { return pow(x, 3); }, -2) == -8);
}
TEST_CASE("edge table: where(mask, x, y), the side not taken: gradient 0, whatever it holds", "[op][edge_table]") {
  const auto f = [](const auto& x, const auto& y) { return where(x > 0, x, y); };
  const Both left = derivatives(f, 1, nan), right = derivatives(f, -inf, 1);
  CHECK(left.first == 1);
  CHECK(left.second == 0);
  CHECK(right.first == 0);
  CHECK(right.second == 1);
}

}  // namespace tenon_test
