#include "tenon/nn/layer_norm.hpp"

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;
template <class T> using Matrix = tn::Tensor<T, dyn, dyn>;

/// layer_norm of element (i, j), by the formula.
template <class X>
long double truth(const X& x, Index i, Index j, long double weight, long double bias, double epsilon) {
  const Index n = x.shape()[1];
  long double mean = 0, variance = 0;
  for (Index k = 0; k < n; ++k) mean += static_cast<long double>(x(i, k)) / n;
  for (Index k = 0; k < n; ++k) variance += (x(i, k) - mean) * (x(i, k) - mean) / n;
  return (x(i, j) - mean) / std::sqrt(variance + epsilon) * weight + bias;
}
}  // namespace

TEST_CASE("layer_norm: values of any layout and rank", "[op][layer_norm]") {
  tn::Rng rng(1);
  const auto x = tn::uniform<double>(rng, {5, 12}, -2.0, 5.0), wide = tn::uniform<double>(rng, {12, 10}, -2.0, 5.0);
  const auto w = tn::uniform<double, 12>(rng, 0.5, 2), b = tn::uniform<double, 12>(rng, -1, 1);
  const tn::Tensor y = tn::layer_norm(x, w, b, {.epsilon = 1e-3});
  const auto part = tn::transpose(wide)(tn::range(0, 10, 2), tn::all);  // 5 x 12, gaps both ways
  const tn::Tensor z = tn::layer_norm(part, w, b);
  tn::Tensor<double, dyn, 1, 12> cube({5, 1, 12});
  for (Index i = 0; i < 60; ++i) cube.mut().data()[i] = x.data()[i];
  const tn::Tensor deep = tn::layer_norm(cube, w, b, {.epsilon = 1e-3});
  for (Index i = 0; i < 5; ++i)
    for (Index j = 0; j < 12; ++j) {
      CHECK(y(i, j) == Approx(static_cast<double>(truth(x, i, j, w(j), b(j), 1e-3))).epsilon(1e-13));
      CHECK(z(i, j) == Approx(static_cast<double>(truth(part, i, j, w(j), b(j), 1e-5))).epsilon(1e-13));
      CHECK(deep(i, 0, j) == y(i, j));
    }
  const tn::Tensor<float, 4> v = {1, 2, 3, 4}, two = {2, 2, 2, 2};
  const tn::Tensor r = tn::rms_norm(v, two, {.epsilon = 0});
  CHECK(r(3) == Approx(2 * 4 / std::sqrt(7.5)));
}

TEST_CASE("layer_norm: gradients, tangents and second derivatives", "[op][layer_norm][grad]") {
  tn::Rng rng(2);
  const auto x = tn::uniform<double>(rng, {5, 3}, -2.0, 2.0);
  const auto w = tn::uniform<double>(rng, {5}, 0.5, 2.0), b = tn::uniform<double>(rng, {5}, -1.0, 1.0);
  const auto both = [](const auto& a, const auto& c, const auto& d) {  // c stands twice
    return tn::layer_norm(tn::transpose(a), c, c) * tn::rms_norm(tn::transpose(a), d);
  };
  const Matrix<double> none({5, 0});
  for (const auto* a : {&x, &none}) {
    const auto first = tn::gradcheck(both, *a, w, b), second = tn::gradgradcheck(both, *a, w, b);
    INFO(to_string(first) << "\n" << to_string(second));
    CHECK((first.ok && second.ok));
  }
}

TEST_CASE("layer_norm: mistakes are named", "[op][layer_norm]") {
  const Matrix<float> x({2, 5});
  const tn::Tensor<float, dyn> w({4}), b({5});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::layer_norm(x, w, b)); }),
             "tenon::layer_norm: x of shape (2, 5) but weight or bias of shape (4,)"));
  CHECK_THROWS_AS(tn::Tensor(tn::layer_norm(x, b, w)), tn::ShapeError);
  CHECK(
      says(error_of<tn::ValueError>([&] { (void)tn::Tensor(tn::rms_norm(x, b, {.epsilon = -1})); }), "epsilon is -1"));
}

TEST_CASE("LayerNorm, RMSNorm: modules start at the plain norm and learn", "[nn][layer_norm]") {
  struct Net {
    tn::nn::LayerNorm<6> fixed;
    tn::nn::LayerNorm<dyn> sized{6};
    tn::nn::RMSNorm<6> root;
    tn::nn::RMSNorm<dyn> root_sized{6};
  } net;
  CHECK(tn::parameter_count(net) == 6 * 6);
  std::string names;
  tn::for_each_parameter(net, [&](const tn::Path& p, auto&) { names += p.str() + " "; });
  CHECK(names == "fixed.weight fixed.bias sized.weight sized.bias root.weight root_sized.weight ");
  tn::Rng rng(3);
  const auto x = tn::uniform<float>(rng, {4, 6}, -2.f, 2.f);
  const tn::Tensor y = net.fixed(x), z = net.sized(x);
  for (Index j = 0; j < 6; ++j) {
    CHECK(y(1, j) == Approx(static_cast<double>(truth(x, 1, j, 1, 0, 1e-5))).margin(1e-6));
    CHECK(z(1, j) == y(1, j));
  }
  tn::Arena arena;
  tn::Step step(arena, net);
  std::move(step).backward(tn::sum(net.fixed(step.input(x)) * x) + tn::sum(net.root(step.input(x))));
  for (Index j = 0; j < 6; ++j) {
    long double dw = 0, db = 0;
    for (Index i = 0; i < 4; ++i) dw += x(i, j) * truth(x, i, j, 1, 0, 1e-5), db += x(i, j);
    CHECK(net.fixed.weight.gradient()(j) == Approx(static_cast<double>(dw)).margin(1e-5));
    CHECK(net.fixed.bias.gradient()(j) == Approx(static_cast<double>(db)).margin(1e-5));
  }
  CHECK(net.root.weight.has_gradient());
}
