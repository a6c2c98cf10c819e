#include "tenon/nn/lstm.hpp"

#include <tuple>
#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/gru.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::all;
using tn::dyn;
using tn::Index;
using tn::range;

/// The layers' equations, a step at a time, in ops: the truth.
template <class X> auto part(const X& x, Index k, Index n) { return x(all, range(k * n, (k + 1) * n)); }
template <class L, class X, class H> auto lstm_by_steps(const L& layer, const X& x, H h, H c) {
  const Index n = layer.weight_hidden.shape()[0];
  tn::Value total = tn::sum(h * 0.);
  for (Index t = 0; t < x.shape()[0]; ++t) {
    const tn::Value g = tn::matmul(x(t), layer.weight_input) + tn::matmul(h, layer.weight_hidden) + layer.bias;
    c = tn::sigmoid(part(g, 1, n)) * c + tn::sigmoid(part(g, 0, n)) * tn::tanh(part(g, 2, n));
    h = tn::sigmoid(part(g, 3, n)) * tn::tanh(c);
    total = total + tn::sum(h * h) * static_cast<double>(t + 1);
  }
  return std::tuple(total, h, c);
}
template <class L, class X, class H> auto gru_by_steps(const L& layer, const X& x, H h) {
  const Index n = layer.weight_hidden.shape()[0];
  tn::Value total = tn::sum(h * 0.);
  for (Index t = 0; t < x.shape()[0]; ++t) {
    const tn::Value a = tn::matmul(x(t), layer.weight_input) + layer.bias_input,
                    b = tn::matmul(h, layer.weight_hidden) + layer.bias_hidden;
    const tn::Value z = tn::sigmoid(part(a, 1, n) + part(b, 1, n));
    const tn::Value fresh = tn::tanh(part(a, 2, n) + tn::sigmoid(part(a, 0, n) + part(b, 0, n)) * part(b, 2, n));
    h = fresh + z * (h + (-1.) * fresh);
    total = total + tn::sum(h * h) * static_cast<double>(t + 1);
  }
  return std::tuple(total, h);
}
/// (t + 1) for each step t: weights of the outputs.
tn::Tensor<double, dyn, 1, 1> step_weights(Index steps) {
  return tn::Uninit<double, dyn, 1, 1>({steps, 1, 1}).init_with([](Index t) { return static_cast<double>(t + 1); });
}
template <class X> std::vector<double> elements(const X& x) {
  const tn::Tensor t = tn::eval(x).detach();
  return {t.begin(), t.end()};
}
template <class P, class Q> void check_same(const P& a, const Q& b) {
  const auto n = static_cast<Index>(a.size());
  REQUIRE(n == static_cast<Index>(b.size()));
  for (Index i = 0; i < n; ++i) CHECK(a.data()[i] == Approx(b.data()[i]).epsilon(1e-11).margin(1e-13));
}
template <class L> void check_gradients(L& one, L& two) {
  tn::for_each_parameter(one, [&](const tn::Path& path, auto& p) {
    INFO(path.str());
    tn::for_each_parameter(two, [&](const tn::Path& other, auto& q) {
      if constexpr (std::is_same_v<decltype(p), decltype(q)>)
        if (path.str() == other.str()) check_same(p.gradient(), q.gradient());
    });
  });
}
struct Shape3 {
  Index steps, batch, in;
};

}  // namespace

TEST_CASE("LSTM: values and gradients are those of its cell in a loop", "[nn][lstm]") {
  for (const Shape3 s : {Shape3{1, 1, 3}, Shape3{5, 3, 3}, Shape3{9, 7, 3}}) {
    INFO(s.steps << " steps, batch " << s.batch);
    tn::Rng rng(1), same(1);
    auto layer = tn::nn::init<tn::nn::LSTM<3, 11, double>>(rng), loop = tn::nn::init<tn::nn::LSTM<3, 11, double>>(same);
    const auto x = tn::uniform<double>(rng, {s.steps, s.batch, s.in}, -2., 2.);
    const auto h0 = tn::uniform<double>(rng, {s.batch, 11}, -1., 1.),
               c0 = tn::uniform<double>(rng, {s.batch, 11}, -1., 1.);
    tn::Arena arena;
    const auto weight = step_weights(s.steps);
    std::vector<double> h, c;
    {
      tn::Step step(arena, layer);
      const auto r = layer(step.input(x), step.input(h0), step.input(c0));
      h = elements(r.h);
      c = elements(r.c);
      std::move(step).backward(tn::sum(r.y * r.y * weight) + tn::sum(r.c));
    }
    tn::Step step(arena, loop);
    const auto [total, last_h, last_c] = lstm_by_steps(loop, step.input(x), step.input(h0), step.input(c0));
    check_same(h, elements(last_h));
    check_same(c, elements(last_c));
    std::move(step).backward(total + tn::sum(last_c));
    check_gradients(layer, loop);
  }
}
TEST_CASE("GRU: values and gradients are those of its cell in a loop", "[nn][gru]") {
  for (const Shape3 s : {Shape3{1, 1, 3}, Shape3{5, 3, 3}, Shape3{9, 7, 3}}) {
    INFO(s.steps << " steps, batch " << s.batch);
    tn::Rng rng(2), same(2);
    auto layer = tn::nn::init<tn::nn::GRU<3, 11, double>>(rng), loop = tn::nn::init<tn::nn::GRU<3, 11, double>>(same);
    const auto x = tn::uniform<double>(rng, {s.steps, s.batch, s.in}, -2., 2.);
    const auto h0 = tn::uniform<double>(rng, {s.batch, 11}, -1., 1.);
    tn::Arena arena;
    const auto weight = step_weights(s.steps);
    std::vector<double> h;
    {
      tn::Step step(arena, layer);
      const tn::Value y = layer(step.input(x), step.input(h0));
      h = elements(y(s.steps - 1, all, all));
      std::move(step).backward(tn::sum(y * y * weight));
    }
    tn::Step step(arena, loop);
    const auto [total, last] = gru_by_steps(loop, step.input(x), step.input(h0));
    check_same(h, elements(last));
    std::move(step).backward(total);
    check_gradients(layer, loop);
  }
}
TEST_CASE("LSTM: no state is a state of zeros; sizes known at run time; the same bits on any threads", "[nn][lstm]") {
  tn::Rng rng(3);
  const auto layer = tn::nn::init<tn::nn::LSTM<dyn, dyn>>(rng, 20, 64);
  const auto x = tn::uniform<float>(rng, {16, 33, 20}, -1.f, 1.f);
  const tn::Tensor<float, dyn, dyn> zeros({33, 64});
  const tn::Tensor y = layer(x), z = layer(x, zeros, zeros).y;
  REQUIRE(y.shape().extents() == z.shape().extents());
  for (Index i = 0; i < y.size(); ++i) REQUIRE(y.data()[i] == z.data()[i]);
#if defined(_OPENMP)
  const int most = omp_get_max_threads();
  for (const int threads : {1, 3}) {
    omp_set_num_threads(threads);
    const tn::Tensor again = layer(x);
    for (Index i = 0; i < y.size(); ++i) REQUIRE(y.data()[i] == again.data()[i]);
  }
  omp_set_num_threads(most);
#endif
}
TEST_CASE("LSTM and GRU: what does not fit is refused with all shapes", "[nn][lstm]") {
  const tn::nn::LSTM<dyn, dyn> layer(3, 4);
  const tn::nn::GRU<dyn, dyn> gates(3, 4);
  const tn::Tensor<float, dyn, dyn, dyn> x({5, 2, 6}), fits({5, 2, 3}), none({0, 2, 3});
  const tn::Tensor<float, dyn, dyn> h({2, 4}), wrong({1, 4});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)layer(x); }),
             "tenon::lstm: x is (5, 2, 6), weight_input (3, 16), weight_hidden (4, 16), a bias (16,), but x is (steps, "
             "batch, in), weight_input (in, 4 hidden), weight_hidden (hidden, 4 hidden), a bias (4 hidden), a state "
             "(batch, hidden); fix: check which extent of x is the step, and that the weights are transposed as said"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)layer(fits, h, wrong); }), "a state (1, 4)"));
  CHECK(says(
      error_of<tn::ShapeError>([&] { (void)layer(none, h, h); }),
      "tenon::lstm: x of shape (0, 2, 3) has no steps, so there is no state to return; fix: give at least one step"));
  CHECK(says(error_of<tn::ShapeError>([&] { (void)gates(fits, wrong); }), "a state (1, 4)"));
  CHECK(layer(none).shape()[0] == 0);
}
