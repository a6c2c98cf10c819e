#include "tenon/op/scan.hpp"

#include <tuple>
#include <utility>
#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/stacked.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::all;
using tn::dyn;
using tn::Index;
using tn::range;

/// An LSTM's cell in ops.
template <class L> auto cell_of(const L& layer) {
  return [&layer](const auto& state, const auto& x) {
    const auto& [h, c] = state;
    const Index n = layer.weight_hidden.shape()[0];
    const auto g = tn::eval(tn::matmul(x, layer.weight_input) + tn::matmul(h, layer.weight_hidden) + layer.bias);
    const auto part = [&](Index k) { return tn::slice(g, all, range(k * n, (k + 1) * n)); };
    const auto next_c = tn::eval(tn::sigmoid(part(1)) * c + tn::sigmoid(part(0)) * tn::tanh(part(2)));
    const auto next_h = tn::eval(tn::sigmoid(part(3)) * tn::tanh(next_c));
    return std::pair(std::tuple(next_h, next_c), next_h);
  };
}
template <class P, class Q> void check_same(const P& a, const Q& b) {
  const tn::Tensor x = tn::eval(a).detach(), y = tn::eval(b).detach();
  REQUIRE(x.size() == y.size());
  for (Index i = 0; i < x.size(); ++i) CHECK(x.data()[i] == Approx(y.data()[i]).epsilon(1e-11).margin(1e-13));
}

}  // namespace

TEST_CASE("scan: a loop over the first dimension", "[op][scan]") {
  const tn::Tensor<float, 4> x = {2, 3, 0.5f, 4};
  const auto product = [](const auto& carry, const auto& v) { return std::pair(carry * v, carry + v); };
  const auto [last, y] = tn::scan(product, tn::Tensor<float>(1), x);
  CHECK(last.item() == 12);
  CHECK(tn::Tensor(y).to_vector() == std::vector<float>{3, 5, 6.5f, 7});

  const tn::Tensor<double, 2, 3> rows = {{1, 2, 3}, {4, 5, 6}};
  const auto [sums, partial] = tn::scan(
      [](const auto& s, const auto& v) {
        const auto next = tn::eval(s + v);
        return std::pair(next, next);
      },
      tn::Tensor<double, 3>{10, 20, 30}, rows);
  CHECK(tn::Tensor(sums).to_vector() == std::vector<double>{15, 27, 39});
  CHECK(tn::Tensor(partial).to_vector() == std::vector<double>{11, 22, 33, 15, 27, 39});
}

TEST_CASE("scan: of an LSTM's cell gives the layer's values and gradients", "[op][scan]") {
  tn::Rng rng(1), same(1);
  using Layer = tn::nn::LSTM<3, 5, double>;
  auto layer = tn::nn::init<Layer>(rng), loop = tn::nn::init<Layer>(same);
  const auto x = tn::uniform<double>(rng, {7, 4, 3}, -2., 2.);
  const auto h0 = tn::uniform<double>(rng, {4, 5}, -1., 1.), c0 = tn::uniform<double>(rng, {4, 5}, -1., 1.);
  tn::Arena arena;
  {
    tn::Step step(arena, layer);
    const auto r = layer(step.input(x), step.input(h0), step.input(c0));
    std::move(step).backward(tn::sum(r.y * r.y) + tn::sum(r.c * r.h));
  }
  std::vector<double> recorded;
  {
    tn::Step step(arena, loop);
    const auto [state, y] = tn::scan(cell_of(loop), std::tuple(step.input(h0), step.input(c0)), step.input(x));
    const auto& [h, c] = state;
    recorded = tn::Tensor(y.detach()).to_vector();
    std::move(step).backward(tn::sum(y * y) + tn::sum(c * h));
  }
  check_same(loop.weight_input.gradient(), layer.weight_input.gradient());
  check_same(loop.weight_hidden.gradient(), layer.weight_hidden.gradient());
  check_same(loop.bias.gradient(), layer.bias.gradient());

  tn::Scope scope(arena);  // and of plain tensors, with parameters in the cell, inside a frame or not
  const auto [s, y] = tn::scan(cell_of(loop), std::tuple(scope.input(h0), scope.input(c0)), scope.input(x));
  CHECK(tn::Tensor(y).to_vector() == recorded);
}

TEST_CASE("scan: plain tensors through a cell with parameters, a learnt first carry", "[op][scan]") {
  struct Net {
    tn::Parameter<double, 2> start, weight;
  } net;
  net.start.mut().fill(1), net.weight.mut().fill(0.5);
  const tn::Tensor<double, 3, 2> x = {{1, 2}, {3, 4}, {5, 6}};
  const auto step_of = [&](const auto& h, const auto& v) {
    const auto next = tn::eval(net.weight * h + v);
    return std::pair(next, next * 2.);
  };
  const auto plain = tn::scan(step_of, tn::Tensor<double, 2>{1, 1}, x);
  CHECK(tn::Tensor(plain.carry).to_vector() == std::vector<double>{6.875, 8.625});
  CHECK(tn::Tensor(plain.y)(0, 1) == 5);
  tn::Arena arena;
  tn::Step step(arena, net);
  const auto r = tn::scan(step_of, net.start, x);
  std::move(step).backward(tn::sum(r.carry) + tn::sum(slice(r.y, 1)));
  // h3 = w^3 s + w^2 x1 + w x2 + x3, y2 = 2 (w^2 s + w x1 + x2)
  CHECK(net.start.gradient()(0) == 0.125 + 2 * 0.25);
  CHECK(net.weight.gradient()(1) == 3 * 0.25 * 1 + 2 * 0.5 * 2 + 4 + 2 * (2 * 0.5 * 1 + 2));
}

TEST_CASE("scan: mistakes are named", "[op][scan]") {
  const tn::Tensor<float, dyn, dyn> none({0, 2}), x({3, 2});
  const auto grows = [](const auto& h, const auto&) {
    const auto next = tn::eval(tn::concatenate(tn::axis<0>, h, h));
    return std::pair(h, next);
  };
  const auto same = [](const auto& h, const auto& v) { return std::pair(h, v); };
  const tn::Tensor<float, dyn> h({2});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::scan(same, h, none); }), "has no steps"));
  const auto doubles = [](const auto& c, const auto& v) { return std::pair(tn::concatenate(tn::axis<0>, c, c), v); };
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::scan(doubles, h, x); }),
             "step 0 changes the carry from shape (2,) to (4,)"));
  CHECK(tn::Tensor(tn::scan(grows, h, x).y).shape().extents() == std::array<Index, 2>{3, 4});
  Index calls = 0;
  const auto longer = [&](const auto& c, const auto&) { return std::pair(c, tn::slice(c, range(0, ++calls))); };
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::scan(longer, h, x); }),
             "tenon::scan: the output of step 1 has shape (2,) but that of the first (1,)"));
}

TEST_CASE("Stacked, Bidirectional: layers one on the other, and from both ends", "[nn][stacked]") {
  using tn::nn::Direction;
  struct Net {
    tn::nn::Stacked<tn::nn::LSTM, 3, 4, 2, Direction::both, double> both;
    tn::nn::Stacked<tn::nn::GRU, dyn, dyn, 3, Direction::forward, double> sized{3, 5};
  };
  tn::Rng rng(2);
  auto net = tn::nn::init<Net>(rng);
  std::string names;
  tn::for_each_parameter(net, [&](const tn::Path& p, auto&) { names += p.str() + " "; });
  CHECK(says(names, "both.first.ahead.weight_input "));
  CHECK(says(names, "both.rest.0.back.bias "));
  CHECK(says(names, "sized.rest.1.bias_hidden "));
  const auto x = tn::uniform<double>(rng, {6, 2, 3}, -2., 2.);
  const auto ends = [&](const auto& layer, const auto& v) {  // by hand, from slices
    const tn::Tensor turned(v(range(-1, tn::Range::open, -1)));
    const tn::Tensor ahead = layer.ahead(v), back = layer.back(turned);
    tn::Tensor<double, dyn, dyn, dyn> y({6, 2, 8});
    for (Index t = 0; t < 6; ++t)
      for (Index i = 0; i < 2; ++i)
        for (Index j = 0; j < 8; ++j) y.mut()(t, i, j) = j < 4 ? ahead(t, i, j) : back(5 - t, i, j - 4);
    return y;
  };
  const tn::Tensor y = net.both(x);
  CHECK(y.to_vector() == ends(net.both.rest[0], ends(net.both.first, x)).to_vector());
  const tn::Tensor z = net.sized(x);
  const tn::Tensor by_hand = net.sized.rest[1](net.sized.rest[0](net.sized.first(x)));
  CHECK(z.to_vector() == by_hand.to_vector());

  tn::Arena arena;
  net.sized.options.dropout = 0.5;
  tn::Step step(arena, net, rng);
  const tn::Value dropped = net.sized(step.input(x));
  CHECK(dropped.to_vector() != z.to_vector());
  std::move(step).backward(tn::sum(net.both(step.input(x))) + tn::sum(dropped));
  bool full = true;
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) { full = full && p.has_gradient(); });
  CHECK(full);
}
