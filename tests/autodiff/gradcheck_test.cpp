// gradcheck finds what is wrong, says where, and lets pass what is right.
#include "tenon/autodiff/gradcheck.hpp"

#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/stop_gradient.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;

namespace {

using Row = tn::Tensor<double, 3>;
/// A cube whose derivative is right (Error = 0), wrong in the first order, or only in the second.
template <int Error> struct Cube {
  static constexpr std::string_view name = "cube";
  static constexpr auto derivative_reads = tn::Reads::inputs;
  template <class X> static X value(X x) { return x * x * x; }
  template <int, class X, class Y> static X partial(X x, Y) {
    if constexpr (Error == 1) return X(2) * x * x;
    else if constexpr (Error == 2 && tn::is_dual_v<X>)
      return X(x.value * x.value * decltype(x.value)(3));  // forgets how x moves
    else return X(3) * x * x;
  }
};
template <int Error> constexpr auto cube = [](const auto& x) { return tn::apply<Cube<Error>>(x); };

}  // namespace

TEST_CASE("gradcheck: what is right passes", "[autodiff][gradcheck]") {
  const Row x = {0.5, -1, 2}, y = {1, 2, 3};
  const auto report = tn::gradcheck(cube<0>, x);
  CHECK(report);
  CHECK(report.comparisons == 3 + 3 + 3 + 1);
  CHECK(report.error < 1e-8);
  CHECK(to_string(report).find("gradcheck holds in 10 comparisons") == 0);
  CHECK(tn::gradgradcheck(cube<0>, x));
  CHECK(tn::gradcheck([](const auto& a, const auto& b) { return tn::sum(tn::tanh(a) * b); }, x, y));
}
TEST_CASE("gradcheck: a wrong derivative is found, with place and both numbers", "[autodiff][gradcheck]") {
  const Row x = {0.5, -1, 2}, y = {1, 2, 3};
  const auto report = tn::gradcheck([](const auto& a, const auto& b) { return a + cube<1>(b); }, x, y);
  CHECK(!report);
  CHECK(report.error > 0.01);
  CHECK(report.analytic != report.numeric);
  CHECK(to_string(report).find("gradcheck FAILS, ") == 0);
  const auto alone = tn::gradcheck({.tolerance = 0.9}, cube<1>, x);  // the largest error is within this one
  CHECK(alone);
  CHECK(alone.error > 0.1);
}
TEST_CASE("gradcheck: a gradient stopped on the way is found", "[autodiff][gradcheck]") {
  const Row x = {0.5, -1, 2};
  CHECK(!tn::gradcheck([](const auto& a) { return a * tn::stop_gradient(a); }, x));
}
TEST_CASE("gradgradcheck: a derivative of a derivative is checked by itself", "[autodiff][gradcheck]") {
  const Row x = {0.5, -1, 2};
  CHECK(tn::gradcheck(cube<2>, x));
  const auto report = tn::gradgradcheck(cube<2>, x);
  CHECK(!report);
  CHECK(report.check == "tangent of the gradient");
}
TEST_CASE("gradcheck: NaN agrees with nothing, no elements with everything", "[autodiff][gradcheck]") {
  const Row x = {0.5, -1, 2};
  const double nan = NAN;
  CHECK(!tn::gradcheck([&](const auto& a) { return a * nan; }, x));
  const tn::Tensor<double, tn::dyn> none({0});
  const auto report = tn::gradcheck([](const auto& a) { return a * a; }, none);
  CHECK(report);
  CHECK(report.comparisons == 1);  // the product of nothing with nothing
}
