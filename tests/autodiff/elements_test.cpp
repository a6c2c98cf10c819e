// Functions written in the elements of their argument, and numbers that would cut a gradient.
#include <cmath>

#include "tenon/autodiff/functional.hpp"
#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/slice.hpp"
#include "tenon/op/subtract.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;

namespace {

using Pair = tn::Tensor<double, 2>;
/// (1 - a)^2 + 100 (b - a^2)^2, of Rosenbrock (1960).
constexpr auto rosenbrock = [](const auto& x) {
  auto u = 1 - x(0);
  auto v = x(1) - x(0) * x(0);
  return u * u + 100 * v * v;
};

}  // namespace

TEST_CASE("elements: gradient, tangent and Hessian of a function of two elements", "[autodiff][elements]") {
  const Pair x = {-1.2, 1}, along = {1, 0};
  const auto [value, gradient] = tn::value_and_grad(rosenbrock)(x);
  CHECK(value == Approx(24.2));
  CHECK(gradient(0) == Approx(-2 * (1 + 1.2) - 400 * (1 - 1.44) * -1.2));
  CHECK(gradient(1) == Approx(200 * (1 - 1.44)));
  CHECK(tn::jvp(rosenbrock, x, along).second.item() == Approx(gradient(0)));
  const auto h = tn::hessian(rosenbrock, x);
  CHECK(h(0, 0) == Approx(2 - 400 * 1 + 1200 * 1.44));
  CHECK(h(0, 1) == Approx(480));
  CHECK(h(1, 1) == Approx(200));
  CHECK(tn::gradcheck(rosenbrock, x));
}
TEST_CASE("elements: beside the whole, in reverse and forward mode", "[autodiff][elements]") {
  const Pair x = {3, 5}, along = {2, -1};
  const auto f = [](const auto& t) { return sum(t) * t(1); };
  const auto g = tn::grad(f)(x);
  CHECK(g(0) == 5);
  CHECK(g(1) == 13);
  CHECK(tn::jvp(f, x, along).second.item() == 2 * 5 - 13);
  const auto j = tn::jacobian([](const auto& t) { return t(0) * t; }, x);  // forward mode
  CHECK(j.to_vector() == std::vector<double>{6, 0, 5, 3});
  const tn::Tensor<double, 3> wide = {1, 2, 3};
  const auto k = tn::jacobian([](const auto& t) { return t(2) * t(0); }, wide);  // reverse mode
  CHECK(k.to_vector() == std::vector<double>{3, 0, 1});
}
TEST_CASE("elements: a Jacobian of what does not depend on the argument is zeros", "[autodiff][elements]") {
  const Pair c = {1, 2};
  const auto constant = [&](const auto&) { return c * 2; };
  CHECK(tn::jacobian(constant, tn::Tensor<double, 1>{1}).to_vector() == std::vector<double>{0, 0});
  CHECK(tn::jacobian(constant, tn::Tensor<double, 3>{1, 2, 3}).to_vector() == std::vector<double>(6, 0.0));
}
TEST_CASE("elements: a number that would cut the gradient is refused", "[autodiff][elements]") {
  const Pair x = {3, 5};
  const std::string refused = "a number taken from what a Step records would cut its gradient";
  CHECK(says(error_of([&] {
               (void)tn::grad([](const auto& t) {
                 const double s = sum(t);
                 return s * sum(t);
               })(x);
             }),
             refused));
  struct Net {
    tn::Parameter<double, 2> p = Pair{1, 2};
  } net;
  tn::Arena arena;
  tn::Step step(arena, net);
  const tn::Value v = net.p * x, constant = step.input(x);
  CHECK(says(error_of([&] { (void)v(0); }), refused));
  CHECK(says(error_of([&] { (void)net.p(0); }), refused));
  CHECK(says(error_of([&] { (void)(net.p * x)(0); }), refused));
  CHECK(says(error_of([&] { (void)std::exp(sum(v)); }), refused));
  CHECK(constant(1) == 5);
  CHECK(sum(v).item() == 13);
  CHECK(v.view()(1) == 10);
  tn::Value loss = sum(v) * slice(v, 1);
  std::move(step).backward(loss);
  CHECK(net.p.gradient()(0) == 3 * 10);
  CHECK(net.p.gradient()(1) == 5 * 10 + 13 * 5);
  CHECK(v(1) == 10);
  CHECK(net.p(0) == 1);
}
