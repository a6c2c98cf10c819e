#include "tenon/op/conv2d.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/pool2d.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"
#if defined(_OPENMP)
#include <omp.h>
#endif

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;

namespace {
using Images = tn::Tensor<float, dyn, dyn, dyn, dyn>;

Images numbers(std::uint64_t seed, Index n, Index c, Index h, Index w) {
  tn::Rng rng(seed);
  return tn::uniform<float>(rng, {n, c, h, w}, -1.f, 1.f);
}
template <class X, class W>
double truth(const X& x, const W& w, const tn::Conv2dOptions& o, Index n, Index f, Index p, Index q) {
  double y = 0;
  const Index per_group = w.shape()[0] / o.groups, first = f / per_group * w.shape()[1];
  for (Index c = 0; c < w.shape()[1]; ++c)
    for (Index r = 0; r < w.shape()[2]; ++r)
      for (Index s = 0; s < w.shape()[3]; ++s) {
        const Index i = p * o.stride.of[0] - o.padding.of[0] + r * o.dilation.of[0],
                    j = q * o.stride.of[1] - o.padding.of[1] + s * o.dilation.of[1];
        if (i >= 0 && j >= 0 && i < x.shape()[2] && j < x.shape()[3])
          y += static_cast<double>(x(n, first + c, i, j)) * static_cast<double>(w(f, c, r, s));
      }
  return y;
}
void check_values(const Images& x, const Images& w, const tn::Conv2dOptions& o, Index p, Index q) {
  const tn::Tensor y = tn::conv2d(x, w, o);
  REQUIRE(y.shape().extents() == std::array<Index, 4>{x.shape()[0], w.shape()[0], p, q});
  double most = 0;
  for (Index n = 0; n < y.shape()[0]; ++n)
    for (Index f = 0; f < y.shape()[1]; ++f)
      for (Index i = 0; i < p; ++i)
        for (Index j = 0; j < q; ++j)
          most = std::fmax(most, std::fabs(static_cast<double>(y(n, f, i, j)) - truth(x, w, o, n, f, i, j)));
  CHECK(most <= 1e-5);
}
}  // namespace

TEST_CASE("conv2d: values and shapes follow the plain sum", "[op][conv2d]") {
  check_values(numbers(1, 2, 3, 9, 20), numbers(2, 7, 3, 3, 3), {}, 7, 18);
  check_values(numbers(1, 2, 3, 9, 20), numbers(2, 7, 3, 3, 3), {.padding = 1}, 9, 20);
  check_values(numbers(1, 1, 4, 9, 8), numbers(2, 6, 2, 3, 2),
               {.stride = {2, 3}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2}, 5, 2);
  check_values(numbers(1, 1, 4, 6, 6), numbers(2, 4, 1, 5, 5), {.padding = 7, .groups = 4}, 16, 16);
  check_values(numbers(1, 0, 2, 5, 5), numbers(2, 3, 2, 3, 3), {}, 3, 3);
  check_values(numbers(1, 2, 0, 5, 5), numbers(2, 3, 0, 3, 3), {}, 3, 3);  // the empty sum
  check_values(numbers(1, 2, 0, 40, 40), numbers(2, 3, 0, 1, 1), {}, 40, 40);
}

TEST_CASE("conv2d: bias and activation run in the same pass, whatever the bias's layout", "[op][conv2d]") {
  const auto x = numbers(1, 2, 3, 9, 20), w = numbers(2, 7, 3, 3, 3);
  tn::Rng rng(4);
  const auto bias = tn::uniform<float, dyn, 1, 1>(rng, {7, 1, 1}, -1.f, 1.f);
  const tn::Tensor plain = tn::conv2d(x, w, {.padding = 1});
  const auto loops = tn::counters().loops, products = tn::counters().products;
  const tn::Tensor y = tn::relu(tn::conv2d(x, w, {.padding = 1}) + bias);
  CHECK(tn::counters().products == products + 1);
  CHECK(tn::counters().loops <= loops + 1);
  const tn::Tensor z = tn::conv2d(x, w, {.padding = 1}) + plain;
  Index wrong = 0;
  for (Index n = 0; n < 2; ++n)
    for (Index f = 0; f < 7; ++f)
      for (Index i = 0; i < 9; ++i)
        for (Index j = 0; j < 20; ++j) {
          const float v = plain(n, f, i, j) + bias(f, 0, 0);
          wrong += y(n, f, i, j) != (v > 0 ? v : 0);
          wrong += z(n, f, i, j) != 2 * plain(n, f, i, j);
        }
  CHECK(wrong == 0);
}

TEST_CASE("conv2d: the same bits for any number of threads", "[op][conv2d][threads]") {
#if defined(_OPENMP)
  const auto x = numbers(1, 9, 8, 30, 31), w = numbers(2, 33, 8, 3, 3);
  const auto run = [&](int threads) {
    omp_set_num_threads(threads);
    tn::Arena arena;
    tn::Step step(arena);
    auto vx = step.variable(x), vw = step.variable(w);
    const tn::Value y = tn::conv2d(vx, vw, {.stride = {1, 2}, .padding = 1});
    auto values = y.to_vector();
    const auto g = std::move(step).backward(tn::sum(y * y));
    const auto dx = g.of(vx).to_vector(), dw = g.of(vw).to_vector();
    values.insert(values.end(), dx.begin(), dx.end());
    values.insert(values.end(), dw.begin(), dw.end());
    return values;
  };
  const int before = omp_get_max_threads();
  const auto one = run(1);
  CHECK((run(2) == one && run(3) == one && run(8) == one));
  omp_set_num_threads(before);
#endif
}

namespace {
/// sum(seed * max_pool2d(relu(conv2d(x, w) + b))) in one piece or by names, and its gradients in x, w and b.
struct Pooled {
  std::vector<float> y, dx, dw, db;
};
template <bool Named, class B>
Pooled pooled(const Images& x, const Images& w, const B& b, const tn::Conv2dOptions& o, tn::Pair window,
              const tn::Pool2dOptions& p) {
  tn::Arena arena;
  tn::Step step(arena);
  auto u = step.variable(x);
  auto v = step.variable(w);
  auto c = step.variable(b);
  const tn::Value y = [&] {
    if constexpr (Named) {
      const auto z = tn::conv2d(u, v, o);
      const auto r = tn::relu(z + c);
      return tn::Value(tn::max_pool2d(r, window, p));
    } else {
      return tn::Value(tn::max_pool2d(tn::relu(tn::conv2d(u, v, o) + c), window, p));
    }
  }();
  const auto e = y.shape();
  auto g = std::move(step).backward(tn::sum(y * numbers(9, e[0], e[1], e[2], e[3])));
  return {y.view().to_vector(), g.of(u).to_vector(), g.of(v).to_vector(), g.of(c).to_vector()};
}
bool agree(const std::vector<float>& a, const std::vector<float>& b) {
  bool near = a.size() == b.size();
  for (std::size_t i = 0; near && i < a.size(); ++i) near = std::fabs(a[i] - b[i]) <= 1e-4f * (1 + std::fabs(b[i]));
  return near;
}
template <Index Out>
void check_pooled(Index n, Index c, Index h, Index k, const tn::Conv2dOptions& o, tn::Pair window,
                  const tn::Pool2dOptions& p = {}) {
  tn::Rng rng(4);
  const auto b = tn::uniform<float, Out, 1, 1>(rng, -1.f, 1.f);
  const auto x = numbers(1, n, c, h, h), w = numbers(2, Out, c / o.groups, k, k);
  const Pooled one = pooled<false>(x, w, b, o, window, p), two = pooled<true>(x, w, b, o, window, p);
  CHECK(one.y == two.y);
  CHECK(agree(one.dx, two.dx));
  CHECK(agree(one.dw, two.dw));
  CHECK(agree(one.db, two.db));
}
}  // namespace

TEST_CASE("conv2d: pooled at once, it gives what it gives by name", "[op][conv2d]") {
  check_pooled<6>(5, 1, 17, 5, {.padding = 2}, 2);
  check_pooled<16>(37, 6, 10, 3, {}, 2);
  check_pooled<4>(3, 4, 13, 3, {.stride = 2, .padding = 1, .groups = 2}, 3, {.stride = {1, 2}, .padding = 1});
  check_pooled<3>(2, 40, 70, 3, {.padding = 1}, 2);  // several bands of rows
  check_pooled<3>(0, 2, 8, 3, {}, 2);
#if defined(_OPENMP)
  const auto x = numbers(1, 70, 6, 14, 14), w = numbers(2, 16, 6, 5, 5);
  tn::Rng rng(4);
  const auto b = tn::uniform<float, 16, 1, 1>(rng, -1.f, 1.f);
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const Pooled one = pooled<false>(x, w, b, {}, 2, {});
  omp_set_num_threads(3);
  const Pooled three = pooled<false>(x, w, b, {}, 2, {});
  omp_set_num_threads(before);
  CHECK((one.y == three.y && one.dx == three.dx && one.dw == three.dw && one.db == three.db));
#endif
}

TEST_CASE("conv2d: static extents stay in the type", "[op][conv2d]") {
  const tn::Tensor<float, 2, 1, 4, 4> x;
  const tn::Tensor<float, 3, 1, 3, 3> w;
  STATIC_REQUIRE(std::is_same_v<decltype(tn::Tensor(tn::conv2d(x, w))), tn::Tensor<float, 2, 3, dyn, dyn>>);
}

TEST_CASE("conv2d: run-time mistakes name both shapes", "[op][conv2d]") {
  const auto x = numbers(1, 2, 4, 5, 5), w = numbers(2, 6, 3, 3, 3);
  const auto message = [&](const Images& a, const Images& b, const tn::Conv2dOptions& o) {
    return error_of<tn::ShapeError>([&] { (void)tn::conv2d(a, b, o); });
  };
  CHECK(says(message(x, w, {}), "x of shape (2, 4, 5, 5) and weight of shape (6, 3, 3, 3): x has 4 channels"));
  CHECK(says(message(x, numbers(2, 3, 2, 3, 3), {.groups = 2}), "3 filters do not split into 2 groups"));
  CHECK(says(message(x, numbers(2, 3, 4, 6, 3), {}), "the filter's rows reach over 6 but the padded image has 5"));
  CHECK(says(message(x, numbers(2, 3, 4, 3, 3), {.dilation = {1, 3}}), "columns reach over 7"));
  CHECK(says(message(x, numbers(2, 3, 4, 3, 3), {.stride = 0}), "stride 0"));
  CHECK(says(message(x, numbers(2, 3, 4, 3, 3), {.padding = -1}), "padding -1"));
  CHECK(says(message(x, numbers(2, 3, 4, 3, 3), {.groups = 0}), "0 groups"));
}
