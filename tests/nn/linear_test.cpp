#include "tenon/nn/linear.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/dropout.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

template <class T> tn::Tensor<T, dyn, dyn> normal(Index n, Index m, std::uint64_t seed) {
  tn::Tensor<T, dyn, dyn> x({n, m});
  tn::Rng(seed).fill_normal(x.mut().data(), x.size());
  return x;
}
template <class L, class X> long double output(const L& layer, const X& x, Index i, Index j) {
  long double y = layer.bias(j);
  for (Index k = 0; k < layer.weight.shape()[0]; ++k)
    y += static_cast<long double>(x(i, k)) * static_cast<long double>(layer.weight(k, j));
  return y;
}
template <class L> void check_layer(L& layer) {
  tn::Rng rng(1);
  tn::nn::init(layer, rng);
  const auto x = normal<double>(6, 5, 2);
  const tn::Tensor y = layer(x);
  REQUIRE(y.shape()[0] == 6);
  REQUIRE(y.shape()[1] == 3);
  for (Index i = 0; i < 6; ++i)
    for (Index j = 0; j < 3; ++j) CHECK(y(i, j) == Approx(static_cast<double>(output(layer, x, i, j))));

  tn::Arena arena;
  tn::Step step(arena, layer);
  std::move(step).backward(sum(relu(layer(step.input(x)))));
  for (Index k = 0; k < 5; ++k)
    for (Index j = 0; j < 3; ++j) {
      long double dw = 0, db = 0;
      for (Index i = 0; i < 6; ++i) {
        dw += output(layer, x, i, j) > 0 ? static_cast<long double>(x(i, k)) : 0;
        db += output(layer, x, i, j) > 0;
      }
      CHECK(layer.weight.gradient()(k, j) == Approx(static_cast<double>(dw)));
      CHECK(layer.bias.gradient()(j) == Approx(static_cast<double>(db)));
    }
}

struct Net {
  tn::nn::Linear<4, 8> hidden;
  tn::nn::Dropout dropout{0.5};
  tn::nn::Linear<8, 2> output;
  auto operator()(const auto& x) const { return output(dropout(relu(hidden(x)))); }
};

}  // namespace

TEST_CASE("Linear: value and gradients follow the sums, sizes static, run-time and mixed", "[nn][linear]") {
  tn::nn::Linear<5, 3, double> fixed;
  check_layer(fixed);
  tn::nn::Linear<dyn, dyn, double> sized(5, 3);
  check_layer(sized);
  tn::nn::Linear<dyn, 3, double> narrow(5, 3);
  check_layer(narrow);
  tn::nn::Linear<5, dyn, double> wide(5, 3);
  check_layer(wide);
}

TEST_CASE("Linear: one pass, the activation included", "[nn][linear]") {
  tn::nn::Linear<5, 3, double> layer;
  const auto x = normal<double>(6, 5, 2);
  const auto products = tn::counters().products;
  const tn::Tensor y = relu(layer(x));
  CHECK(tn::counters().products == products + 1);
  CHECK(y.shape()[1] == 3);
}

TEST_CASE("Linear: vectors and batches of any rank go through", "[nn][linear]") {
  tn::nn::Linear<3, 2> layer;
  tn::Rng rng(3);
  tn::nn::init(layer, rng);
  const tn::Tensor<float, 3> x = {1, 2, 3};
  const tn::Tensor y = layer(x);
  STATIC_REQUIRE(std::is_same_v<std::remove_const_t<decltype(y)>, tn::Tensor<float, 2>>);
  tn::Tensor<float, dyn, 4, 3> batch({2, 4, 3});
  batch.mut() = x;
  const tn::Tensor z = layer(batch);
  CHECK(z.shape()[1] == 4);
  CHECK(z(1, 3, 1) == Approx(y(1)));
}

TEST_CASE("Linear: names its parameters and its run-time mistakes", "[nn][linear]") {
  tn::nn::Linear<dyn, dyn> layer(7, 2);
  std::string names;
  tn::for_each_parameter(layer, [&](const tn::Path& p, auto&) { names += p.str() + " "; });
  CHECK(names == "weight bias ");
  CHECK(tn::parameter_count(layer) == 16);
  CHECK(says(error_of<tn::ShapeError>([&] { tn::Tensor y = layer(normal<float>(1, 6, 1)); }), "6 columns but b has 7"));
  CHECK(says(error_of<tn::ShapeError>([] { tn::nn::Linear<dyn, dyn>(-1, 2); }), "-1"));
  CHECK(says(error_of<tn::ShapeError>([] { tn::nn::Linear<dyn, 3>(4, 2); }), "2"));
}

TEST_CASE("Dropout: a module that acts in a Step and not in a Scope", "[nn][dropout]") {
  tn::Rng rng(5);
  auto net = tn::nn::init<Net>(rng);
  CHECK(tn::parameter_count(net) == 4 * 8 + 8 + 8 * 2 + 2);
  tn::Tensor<float, 3, 4> x;
  x.mut() = 1.f;
  const tn::Tensor plain = net(x);
  tn::Arena arena;
  {
    tn::Scope scope(arena);
    CHECK(tn::Value(net(scope.input(x))).to_vector() == plain.to_vector());
  }
  tn::Step step(arena, net, rng);
  CHECK(tn::Value(net(step.input(x))).to_vector() != plain.to_vector());
}
