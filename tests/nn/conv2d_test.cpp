#include "tenon/nn/conv2d.hpp"

#include <cmath>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {
struct Net {
  tn::nn::Conv2d<2, 3, 3, double> first;
  tn::nn::Conv2d<3, 6, 1, double, 3> second{{.stride = 2}};
  auto operator()(const auto& x) const { return second(tn::relu(first(x))); }
};
tn::Tensor<double, dyn, 2, dyn, dyn> numbers(Index n, Index h, Index w) {
  tn::Tensor<double, dyn, 2, dyn, dyn> x({n, 2, h, w});
  tn::Rng(7).fill_normal(x.mut().data(), x.size());
  return x;
}
}  // namespace

TEST_CASE("Conv2d: value and gradients follow the sums, in one pass", "[nn][conv2d]") {
  tn::Rng rng(1);
  tn::nn::Conv2d<2, 3, 3, double> layer;
  tn::nn::init(layer, rng);
  const auto x = numbers(2, 5, 6);
  const auto z = [&](Index n, Index o, Index p, Index q) {
    double sum = layer.bias(o);
    for (Index c = 0; c < 2; ++c)
      for (Index r = 0; r < 3; ++r)
        for (Index s = 0; s < 3; ++s) sum += x(n, c, p + r, q + s) * layer.weight(o, c, r, s);
    return sum;
  };
  const auto products = tn::counters().products;
  const tn::Tensor y = tn::relu(layer(x));
  CHECK(tn::counters().products == products + 1);
  REQUIRE(y.shape().extents() == std::array<Index, 4>{2, 3, 3, 4});
  tn::Arena arena;
  tn::Step step(arena, layer);
  std::move(step).backward(tn::sum(tn::relu(layer(step.input(x)))));
  double dw = 0;
  for (Index o = 0; o < 3; ++o) {
    double db = 0;
    for (Index n = 0; n < 2; ++n)
      for (Index p = 0; p < 3; ++p)
        for (Index q = 0; q < 4; ++q) {
          CHECK(y(n, o, p, q) == Approx(std::fmax(z(n, o, p, q), 0)).margin(1e-14));
          db += z(n, o, p, q) > 0;
          dw += o == 1 && z(n, o, p, q) > 0 ? x(n, 1, p + 2, q) : 0;
        }
    CHECK(layer.bias.gradient()(o) == Approx(db));
  }
  CHECK(layer.weight.gradient()(1, 1, 2, 0) == Approx(dw));
}

TEST_CASE("Conv2d: names its parameters, starts as PyTorch's, keeps its options", "[nn][conv2d]") {
  tn::Rng rng(3);
  auto net = tn::nn::init<Net>(rng);
  std::string names;
  tn::for_each_parameter(net, [&](const tn::Path& p, auto&) { names += p.str() + " "; });
  CHECK(names == "first.weight first.bias second.weight second.bias ");
  CHECK(tn::parameter_count(net) == 3 * 2 * 9 + 3 + 6 + 6);
  const double bound = 1 / std::sqrt(18.0);
  double most = 0;
  for (const double w : net.first.weight.view()) most = std::fmax(most, std::fabs(w));
  CHECK((most <= bound && most > 0.8 * bound));
  CHECK(tn::nn::fan_of(net.first.weight).in == 18);
  CHECK(tn::nn::fan_of(net.first.weight).out == 27);
  const tn::Tensor y = net(numbers(1, 7, 8));
  CHECK(y.shape().extents() == std::array<Index, 4>{1, 6, 3, 3});
  const auto message = tenon_test::error_of<tn::ShapeError>([] { tn::nn::Conv2d<4, 4, 3, float, 2>({.groups = 4}); });
  CHECK(tenon_test::says(message, "4 groups but the type 2"));
}

TEST_CASE("Conv2d: sizes of run time give what sizes of the type give, and wrong ones are refused", "[nn][conv2d]") {
  tn::Rng rng(3), same(3);
  const auto known = tn::nn::init<tn::nn::Conv2d<2, 4, 3, double, 2>>(rng);
  const auto sized = tn::nn::init<tn::nn::Conv2d<dyn, dyn, 3, double>>(
      same, 2, 4, tn::Conv2dOptions{.stride = 2, .padding = 1, .groups = 2});
  CHECK(sized.weight.value().to_vector() == known.weight.value().to_vector());
  const auto x = numbers(2, 5, 6);
  const tn::Tensor y = sized(x);
  const tn::Tensor z =
      tn::conv2d(x, known.weight, {.stride = 2, .padding = 1, .groups = 2}) + tn::reshape<4, 1, 1>(known.bias);
  CHECK(y.to_vector() == z.to_vector());

  using Sized = tn::nn::Conv2d<dyn, dyn, 3>;
  CHECK(tenon_test::says(tenon_test::error_of<tn::ShapeError>([] { Sized(2, 3, {.groups = 2}); }),
                         "2 and 3 channels do not split into 2 groups"));
  CHECK_THROWS_AS(Sized(-2, 4), tn::ShapeError);
  CHECK_THROWS_AS((tn::nn::Conv2d<2, dyn, 3>(3, 4)), tn::ShapeError);
}
