// value_and_grad, grad, jvp, hvp, jacobian, hessian against formulas and against each other.
#include "tenon/autodiff/functional.hpp"

#include <cmath>
#include <vector>

#include "tenon/op/add.hpp"
#include "tenon/op/divide.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/floor.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/negative.hpp"
#include "tenon/op/sin.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/subtract.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/make.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Vector = tn::Tensor<double, tn::dyn>;
using Row = tn::Tensor<double, 3>;
Vector points(Index n, double scale = 1) {
  return tn::Uninit<double, tn::dyn>(tn::Shape<tn::dyn>(n)).init_with([=](Index i) {
    return scale * std::sin(static_cast<double>(i + 1));
  });
}

}  // namespace

TEST_CASE("value_and_grad: one loop and the tape agree, whatever the size", "[autodiff][functional]") {
  auto one_pass = [](const auto& x, const auto& y) { return sum(square(x * y - x) + exp(x)); };
  auto by_tape = [](const auto& x, const auto& y) {
    auto h = x * y;  // a name: evaluated and recorded
    return sum(square(h - x) + exp(x));
  };
  for (const Index n : {0, 1, 3, 8, 17, 64, 1000, 4095, 4096, 4097, 10000}) {
    INFO(n);
    const Vector x = points(n), y = points(n, 2);
    const auto a = tn::value_and_grad(one_pass)(x, y);
    const auto b = tn::value_and_grad(by_tape)(x, y);
    CHECK(a.value == Approx(b.value).epsilon(1e-12));
    long double value = 0;
    for (Index i = 0; i < n; ++i) {
      const double d = x(i) * y(i) - x(i);
      value += d * d + std::exp(x(i));
      const double gx = 2 * d * (y(i) - 1) + std::exp(x(i)), gy = 2 * d * x(i);
      if (std::abs(std::get<0>(a.grad)(i) - gx) > 1e-12 || std::abs(std::get<1>(a.grad)(i) - gy) > 1e-12)
        FAIL("one pass, element " << i);
      if (std::abs(std::get<0>(b.grad)(i) - gx) > 1e-12 || std::abs(std::get<1>(b.grad)(i) - gy) > 1e-12)
        FAIL("tape, element " << i);
    }
    CHECK(a.value == Approx(static_cast<double>(value)).epsilon(1e-12));
  }
}
TEST_CASE("value_and_grad: an argument read several times in one node, with a name", "[autodiff][functional]") {
  const Vector x = points(50), y = points(50, 2);
  const tn::Tensor<double, tn::dyn, 1> column({3, 1});
  auto dense = [](const auto& a, const auto& b) {
    auto h = a * a * b - b * a;
    return sum(h);
  };
  auto strided = [&](const auto& a, const auto& b) {
    auto h = a * a * b - b * a + column;
    return sum(h);
  };
  for (int k = 0; k < 3; ++k) {  // memory that holds other numbers each time
    const auto d = tn::value_and_grad(dense)(x, y);
    const auto s = tn::value_and_grad(strided)(x, y);
    for (Index i = 0; i < 50; ++i) {
      CHECK(std::get<0>(d.grad)(i) == Approx(2 * x(i) * y(i) - y(i)));
      CHECK(std::get<1>(d.grad)(i) == Approx(x(i) * x(i) - x(i)));
      CHECK(std::get<0>(s.grad)(i) == Approx(3 * (2 * x(i) * y(i) - y(i))));
      CHECK(std::get<1>(s.grad)(i) == Approx(3 * (x(i) * x(i) - x(i))));
    }
  }
}
TEST_CASE("value_and_grad: one argument gives a Tensor, several a tuple", "[autodiff][functional]") {
  const Row a = {1, 2, 3}, b = {4, 5, 6};
  auto [y, g] = tn::value_and_grad([](const auto& x) { return sum(x * x); })(a);
  STATIC_REQUIRE(std::is_same_v<decltype(g), Row>);
  CHECK(y == 14);
  CHECK(g(2) == 6);
  auto [z, h] = tn::value_and_grad([](const auto& p, const auto& q) { return sum(p * q); })(a, b);
  auto& [gp, gq] = h;
  CHECK(z == 32);
  CHECK(gp(0) == 4);
  CHECK(gq(0) == 1);
}
TEST_CASE("value_and_grad: arguments of several shapes broadcast", "[autodiff][functional]") {
  const tn::Tensor<double, 2, 3> m = {{1, 2, 3}, {4, 5, 6}};
  const Row r = {1, -1, 2};
  const tn::Tensor<double> s(0.5);
  const tn::Tensor<double, 2, 1> c = {{2}, {3}};
  auto f = [](const auto& x, const auto& row, const auto& number, const auto& column) {
    return sum(x * row * number + x * column);
  };
  auto [y, g] = tn::value_and_grad(f)(m, r, s, c);
  const auto& [gm, gr, gs, gc] = g;
  CHECK(y == Approx(0.5 * (1 - 2 + 6 + 4 - 5 + 12) + 2 * 6 + 3 * 15));
  CHECK(gm(1, 2) == 2 * 0.5 + 3);
  CHECK(gr(2) == 0.5 * 9);
  CHECK(gs.item() == 16);
  CHECK(gc(1, 0) == 15);
}
TEST_CASE("value_and_grad: an argument that f does not use has zeros", "[autodiff][functional]") {
  const Row a = {1, 2, 3}, b = {4, 5, 6};
  auto unused = [](const auto& x, const auto&) { return sum(x * x); };
  auto floored = [](const auto& x, const auto& y) { return sum(x * floor(y)); };
  auto constant = [&](const auto&, const auto&) { return sum(a * b); };
  auto by_name = [](const auto& x, const auto& y) {
    auto h = x * floor(y);
    return sum(h);
  };
  for (int k = 0; k < 3; ++k) {  // memory that holds other numbers each time
    const auto u = tn::value_and_grad(unused)(a, b);
    CHECK(std::get<1>(u.grad).to_vector() == std::vector<double>{0, 0, 0});
    CHECK(std::get<0>(u.grad)(1) == 4);
    const auto f = tn::value_and_grad(floored)(a, b);
    CHECK(std::get<0>(f.grad)(1) == 5);
    CHECK(std::get<1>(f.grad).to_vector() == std::vector<double>{0, 0, 0});
    const auto h = tn::value_and_grad(by_name)(a, b);
    CHECK(std::get<0>(h.grad)(1) == 5);
    CHECK(std::get<1>(h.grad).to_vector() == std::vector<double>{0, 0, 0});
    const auto c = tn::value_and_grad(constant)(a, b);
    CHECK(c.value == 32);
    CHECK(std::get<0>(c.grad).to_vector() == std::vector<double>{0, 0, 0});
  }
}
TEST_CASE("value_and_grad: the same tensor as two arguments", "[autodiff][functional]") {
  const Row a = {1, 2, 3};
  auto [y, g] = tn::value_and_grad([](const auto& p, const auto& q) { return sum(p * p * q); })(a, a);
  CHECK(y == 36);
  CHECK(std::get<0>(g)(2) == 18);
  CHECK(std::get<1>(g)(2) == 9);
}
TEST_CASE("value_and_grad: of the argument itself, and of a value of rank 0", "[autodiff][functional]") {
  const tn::Tensor<double> s(3.0);
  auto [y, g] = tn::value_and_grad([](const auto& x) { return x * x * x; })(s);
  CHECK(y == 27);
  CHECK(g.item() == 27);
  auto [z, h] = tn::value_and_grad([](const auto& x) { return tn::Value(x); })(s);
  CHECK(z == 3);
  CHECK(h.item() == 1);
}
TEST_CASE("value_and_grad: constants may be captured, and temporaries move in", "[autodiff][functional]") {
  const Row a = {1, 2, 3}, w = {2, 2, 2};
  auto f = [&](const auto& x) { return mean(x * w * Row{1, 0, 1}); };
  auto [y, g] = tn::value_and_grad(f)(a);
  CHECK(y == Approx(8.0 / 3));
  CHECK(g.to_vector() == std::vector<double>{2.0 / 3, 0, 2.0 / 3});
}
TEST_CASE("value_and_grad: called again it gives the same, warm or not, nested or not", "[autodiff][functional]") {
  const Vector x = points(100);
  auto f = [](const auto& v) {
    auto h = tanh(v);
    return sum(h * h);
  };
  auto vg = tn::value_and_grad(f);
  const auto first = vg(x);
  for (int k = 0; k < 5; ++k) {
    const auto again = vg(x);
    CHECK(again.value == first.value);
    CHECK(again.grad.to_vector() == first.grad.to_vector());
  }
  auto outer = [&](const auto& v) {  // uses a gradient as a constant
    Vector inner = tn::grad(f)(x);
    return sum(v * std::move(inner));
  };
  const Vector g = tn::grad(outer)(x);
  CHECK(g.to_vector() == first.grad.to_vector());
}
TEST_CASE("value_and_grad: an exception in f leaves everything usable", "[autodiff][functional]") {
  const Row a = {1, 2, 3};
  bool fail = true;
  auto vg = tn::value_and_grad([&](const auto& x) {
    auto h = tanh(x);
    auto loss = sum(h * x);
    if (fail) throw 7;
    return loss;
  });
  CHECK_THROWS_AS(vg(a), int);
  fail = false;
  CHECK(vg(a).grad(0) == Approx(std::tanh(1.0) + 1 - std::tanh(1.0) * std::tanh(1.0)));
}
TEST_CASE("grad: the gradient alone, from a copyable function", "[autodiff][functional]") {
  const Row a = {1, 2, 3};
  const auto df = tn::grad([](const auto& x) { return sum(sin(x)); });
  const auto same = df;
  CHECK(same(a)(1) == Approx(std::cos(2.0)));
}
TEST_CASE("jvp: value and directional derivative together", "[autodiff][functional]") {
  const Row x = {1, 2, 3}, t = {1, 0, -2};
  auto [y, dy] = tn::jvp([](const auto& v) { return sin(v) * v; }, x, t);
  for (int i = 0; i < 3; ++i) {
    CHECK(y(i) == Approx(std::sin(x(i)) * x(i)));
    CHECK(dy(i) == Approx((std::cos(x(i)) * x(i) + std::sin(x(i))) * t(i)));
  }
  const Row w = {2, 3, 4}, tw = {0, 1, 0};
  auto [z, dz] = tn::jvp([](const auto& a, const auto& b) { return sum(a * b); }, std::tie(x, w), std::tie(t, tw));
  CHECK(z.item() == 20);
  CHECK(dz.item() == 1 * 2 - 2 * 4 + 2);
  const Vector longer({4}), shorter({3});
  CHECK(tenon_test::says(tenon_test::error_of<tn::ShapeError>(
                             [&] { (void)tn::jvp([](const auto& v) { return v * v; }, longer, shorter); }),
                         "tenon::jvp: the point has shape (4,) but its direction (3,)"));
}
TEST_CASE("hvp: the Hessian of a cubic, in a direction", "[autodiff][functional]") {
  const Row x = {1, 2, 3}, t = {1, -1, 0.5};
  const auto hv = tn::hvp([](const auto& v) { return sum(v * v * v); }, x, t);
  for (int i = 0; i < 3; ++i) CHECK(hv(i) == Approx(6 * x(i) * t(i)));
  const Row w = {2, 3, 4}, zero = {0, 0, 0};
  const auto [hx, hw] =
      tn::hvp([](const auto& a, const auto& b) { return sum(a * a * b); }, std::tie(x, w), std::tie(t, zero));
  for (int i = 0; i < 3; ++i) {
    CHECK(hx(i) == Approx(2 * w(i) * t(i)));
    CHECK(hw(i) == Approx(2 * x(i) * t(i)));
  }
}
TEST_CASE("jacobian: forward for tall ones, reverse for wide ones, the same numbers", "[autodiff][functional]") {
  const Row x = {1, 2, 3};
  const tn::Tensor<double, 5, 1> tall = {{1}, {2}, {3}, {4}, {5}};
  const auto j = tn::jacobian([&](const auto& v) { return sin(v * tall); }, x);
  REQUIRE(j.shape()[0] == 15);
  REQUIRE(j.shape()[1] == 3);
  for (int r = 0; r < 15; ++r)
    for (int c = 0; c < 3; ++c)
      CHECK(j(r, c) == Approx(r % 3 == c ? std::cos(x(c) * tall(r / 3, 0)) * tall(r / 3, 0) : 0).margin(1e-15));
  const tn::Tensor<double, 2, 3> wide = {{1, 2, 3}, {4, 5, 6}};
  const auto k = tn::jacobian([](const auto& v) { return sum(v * v, tn::axis<1>); }, wide);
  REQUIRE(k.shape()[0] == 2);
  REQUIRE(k.shape()[1] == 6);
  for (int r = 0; r < 2; ++r)
    for (int c = 0; c < 6; ++c) CHECK(k(r, c) == (c / 3 == r ? 2 * wide(r, c % 3) : 0));
}
TEST_CASE("hessian: symmetric, and what the formula says", "[autodiff][functional]") {
  const Row x = {0.5, -1, 2};
  const auto h = tn::hessian([](const auto& v) { return square(sum(v * v)); }, x);
  const double s = 0.25 + 1 + 4;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) CHECK(h(i, j) == Approx(8 * x(i) * x(j) + (i == j ? 4 * s : 0)));
}
TEST_CASE("value_and_grad: the argument may be neither replaced nor written while f runs", "[autodiff][functional]") {
  tn::Tensor<double, tn::dyn> x = tn::full<double>(3.0, {100});
  auto replaces = [&](const auto& t) {
    auto y = sum(t * t);
    x = tn::full<double>(5.0, {100});
    return y;
  };
  CHECK_THROWS_AS(tn::value_and_grad(replaces)(x), tn::OwnershipError);
  CHECK(x(7) == 5);
  auto writes = [&](const auto& t) {
    x.mut()(0) = 1;
    return sum(t * t);
  };
  CHECK_THROWS_AS(tn::value_and_grad(writes)(x), tn::OwnershipError);
}
