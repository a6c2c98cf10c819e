#include "tenon/nn/conv_transpose2d.hpp"

#include <cmath>
#include <vector>

#include "tenon/nn/conv1d.hpp"
#include "tenon/op/relu.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

template <class X> X& fill(X& x, double shift) {
  auto w = x.mut();
  for (Index i = 0; i < x.size(); ++i)
    w.data()[i] = static_cast<typename X::dtype>(std::sin(1.7 * static_cast<double>(i) + shift));
  return x;
}
template <class T> bool near(T y, long double want) {
  return std::abs(static_cast<long double>(y) - want) <= 64 * std::numeric_limits<T>::epsilon();
}

}  // namespace

TEMPLATE_TEST_CASE("conv_transpose2d: every pixel adds its filters", "[op][conv_transpose2d]", float, double) {
  using T = TestType;
  struct Case {
    Index n, c, h, w, own, kh, kw;
    tn::ConvTranspose2dOptions o;
  };
  const Case cases[] = {
      {2, 3, 4, 5, 2, 3, 3, {}},
      {1, 2, 1, 1, 3, 2, 4, {.stride = 3}},
      {2, 4, 3, 4, 3, 3, 2, {.stride = {2, 3}, .padding = {1, 0}, .output_padding = {1, 2}, .groups = 2}},
      {1, 2, 5, 3, 1, 3, 3, {.stride = 2, .padding = 2, .output_padding = 1, .dilation = 2}},
      {1, 1, 3, 3, 1, 2, 2, {.stride = 1, .output_padding = 1, .dilation = 3}},
      {0, 2, 3, 3, 2, 3, 3, {}}};
  for (const Case& k : cases) {
    INFO("filters of " << k.kh << " x " << k.kw << ", stride " << k.o.stride.of[0]);
    tn::Tensor<T, dyn, dyn, dyn, dyn> x({k.n, k.c, k.h, k.w}), w({k.c, k.own, k.kh, k.kw});
    fill(x, 0.1), fill(w, 0.2);
    const tn::Tensor y = tn::conv_transpose2d(x, w, k.o);
    const auto length = [&](std::size_t d, Index in, Index taps) {
      return (in - 1) * k.o.stride.of[d] - 2 * k.o.padding.of[d] + k.o.dilation.of[d] * (taps - 1) + 1 +
             k.o.output_padding.of[d];
    };
    const Index out = k.own * k.o.groups, p = length(0, k.h, k.kh), q = length(1, k.w, k.kw);
    REQUIRE(y.shape().extents() == std::array<Index, 4>{k.n, out, p, q});
    std::vector<long double> truth(static_cast<std::size_t>(y.size()));
    for (Index n = 0; n < k.n; ++n)
      for (Index c = 0; c < k.c; ++c)
        for (Index o = 0; o < k.own; ++o)
          for (Index i = 0; i < k.h; ++i)
            for (Index j = 0; j < k.w; ++j)
              for (Index r = 0; r < k.kh; ++r)
                for (Index s = 0; s < k.kw; ++s) {
                  const Index to = c / (k.c / k.o.groups) * k.own + o,
                              a = i * k.o.stride.of[0] + r * k.o.dilation.of[0] - k.o.padding.of[0],
                              b = j * k.o.stride.of[1] + s * k.o.dilation.of[1] - k.o.padding.of[1];
                  if (a < 0 || a >= p || b < 0 || b >= q) continue;
                  truth[static_cast<std::size_t>(((n * out + to) * p + a) * q + b)] +=
                      static_cast<long double>(x(n, c, i, j)) * w(c, o, r, s);
                }
    bool good = true;
    for (Index i = 0; i < y.size(); ++i) good = good && near(y.data()[i], truth[static_cast<std::size_t>(i)]);
    CHECK(good);
  }
}

TEST_CASE("conv1d: the sums, in one pass with what follows", "[op][conv1d]") {
  tn::Tensor<double, dyn, 4, dyn> x({2, 4, 11});
  tn::Tensor<double, dyn, dyn, dyn> w({6, 2, 3});
  fill(x, 0.1), fill(w, 0.2);
  const tn::Conv1dOptions o{.stride = 2, .padding = 3, .dilation = 2, .groups = 2};
  const auto products = tn::counters().products;
  const tn::Tensor y = tn::relu(tn::conv1d(x, w, o));
  CHECK(tn::counters().products == products + 1);
  REQUIRE(y.shape().extents() == std::array<Index, 3>{2, 6, 7});
  for (Index n = 0; n < 2; ++n)
    for (Index f = 0; f < 6; ++f)
      for (Index q = 0; q < 7; ++q) {
        double sum = 0;
        for (Index c = 0; c < 2; ++c)
          for (Index s = 0; s < 3; ++s)
            if (const Index at = 2 * q + 2 * s - 3; at >= 0 && at < 11) sum += x(n, f / 3 * 2 + c, at) * w(f, c, s);
        CHECK(y(n, f, q) == Approx(sum > 0 ? sum : 0).margin(1e-14));
      }
}

TEST_CASE("conv1d, conv_transpose2d: mistakes are named", "[op][conv1d][conv_transpose2d]") {
  const tn::Tensor<float, dyn, dyn, dyn> x({2, 4, 5}), w({3, 4, 7});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::conv1d(x, w)); }),
             "tenon::conv1d: x of shape (2, 4, 5) and weight of shape (3, 4, 7): the filter reaches over 7"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::conv1d(x, w, {.groups = 2})); }), "in 2 groups"));
  CHECK_THROWS_AS(tn::Tensor(tn::conv1d(x, w, {.stride = 0})), tn::ShapeError);
  const tn::Tensor<float, dyn, dyn, dyn, dyn> a({2, 4, 5, 5}), b({4, 3, 2, 2}), c({3, 3, 2, 2});
  const auto message = [&](const auto& v, tn::ConvTranspose2dOptions o) {
    return error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::conv_transpose2d(a, v, o)); });
  };
  CHECK(says(message(c, {}),
             "tenon::conv_transpose2d: x of shape (2, 4, 5, 5) and weight of shape (3, 3, 2, 2): x has 4 channels but "
             "weight has 3; fix: x is (n, in, rows, columns), weight (in, out / groups, rows, columns)"));
  CHECK(
      says(message(b, {.output_padding = 1}),
           "tenon::conv_transpose2d: x of shape (2, 4, 5, 5) and weight of shape (4, 3, 2, 2): output_padding 1 is not "
           "below stride 1 or dilation 1; fix: x is (n, in, rows, columns), weight (in, out / groups, rows, columns)"));
  CHECK(says(message(b, {.stride = 0}),
             "tenon::conv_transpose2d: x of shape (2, 4, 5, 5) and weight of shape (4, 3, 2, 2): stride 0, dilation 1, "
             "padding 0, output_padding 0 are not all positive (paddings: 0 or more); fix: x is (n, in, rows, "
             "columns), weight (in, out / groups, rows, columns)"));
  CHECK(says(message(b, {.padding = 3}),
             "tenon::conv_transpose2d: x of shape (2, 4, 5, 5) and weight of shape (4, 3, 2, 2): no rows are left of "
             "the result; fix: x is (n, in, rows, columns), weight (in, out / groups, rows, columns)"));
  CHECK(says(message(b, {.groups = 3}),
             "tenon::conv_transpose2d: x of shape (2, 4, 5, 5) and weight of shape (4, 3, 2, 2): 4 channels do not "
             "split into 3 groups; fix: x is (n, in, rows, columns), weight (in, out / groups, rows, columns)"));
}

TEST_CASE("Conv1d, ConvTranspose2d: parameters, first values, sizes of run time", "[nn][conv1d][conv_transpose2d]") {
  struct Net {
    tn::nn::Conv1d<4, 6, 3, double, 2> line{{.padding = 1}};
    tn::nn::ConvTranspose2d<4, 6, 2, double, 2> up{{.stride = 2}};
  };
  tn::Rng rng(1);
  auto net = tn::nn::init<Net>(rng);
  std::string names;
  tn::for_each_parameter(net, [&](const tn::Path& p, auto&) { names += p.str() + " "; });
  CHECK(names == "line.weight line.bias up.weight up.bias ");
  CHECK(tn::parameter_count(net) == 6 * 2 * 3 + 6 + 4 * 3 * 4 + 6);
  double most = 0;
  for (const double v : net.up.weight.view()) most = std::fmax(most, std::fabs(v));
  CHECK((most <= 1 / std::sqrt(12.0) && most > 0.8 / std::sqrt(12.0)));
  tn::Tensor<double, dyn, dyn, dyn> x({2, 4, 5});
  tn::Tensor<double, dyn, dyn, dyn, dyn> image({1, 4, 3, 2});
  fill(x, 0), fill(image, 1);
  const tn::Tensor y = net.line(x);
  const tn::Tensor z = tn::conv1d(x, net.line.weight, {.padding = 1, .groups = 2}) + tn::reshape<6, 1>(net.line.bias);
  CHECK(y.to_vector() == z.to_vector());
  const tn::Tensor up = net.up(image);
  CHECK(up.shape().extents() == std::array<Index, 4>{1, 6, 6, 4});
  const tn::nn::ConvTranspose2d<dyn, dyn, 2, double> sized(4, 6, {.stride = 2, .groups = 2});
  CHECK(sized.weight.shape().extents() == net.up.weight.shape().extents());
  CHECK_THROWS_AS((tn::nn::Conv1d<dyn, dyn, 3>(3, 4, {.groups = 2})), tn::ShapeError);
  CHECK_THROWS_AS((tn::nn::Conv1d<4, 4, 3, float, 2>({.groups = 4})), tn::ShapeError);
}
