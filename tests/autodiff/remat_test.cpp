// remat: the same bits as without it, from less memory.
#include "tenon/autodiff/remat.hpp"

#include <vector>

#include "tenon/nn/batch_norm.hpp"
#include "tenon/nn/dropout.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tests/catch.hpp"
#include "tests/effort.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of;
using tn::dyn;
using tn::Index;

namespace {

struct Block {
  tn::nn::Linear<24, 96> expand;
  tn::nn::BatchNorm<96> norm;
  tn::nn::Linear<96, 24> contract;
  tn::Value<float, dyn, 24> operator()(const tn::Value<float, dyn, 24>& x, double rate) const {
    return x + contract(tn::dropout(tanh(norm(expand(x))), rate));
  }
};
struct Net {
  Block first, second, third;
  tn::nn::Linear<24, 2> output;
};
struct Run {
  float loss;
  std::vector<float> all;  // gradients of x and the parameters, then batch statistics
  Index high_water;
};

// Enough for what a block makes inside to outweigh what an arena holds at least.
constexpr Index samples = tests::effort(400, 150);

template <class Call> Run run(Call call, double rate) {
  tn::Rng init(1);
  auto net = tn::nn::init<Net>(init);
  tn::Tensor<float, dyn, 24> x({samples, 24}), scale({samples, 24});
  tn::Rng(2).fill_normal(x.mut().data(), x.size());
  tn::Rng(3).fill_normal(scale.mut().data(), scale.size());
  tn::Arena arena;
  Run r{};
  for (int round = 0; round < 2; ++round) {  // the second adds to the gradients of the first
    tn::Rng rng(7);
    tn::Step step(arena, net, rng);
    const tn::Value vx = step.variable(x);
    const tn::Value vs = step.variable(scale);
    tn::Value h = call(net.first, vx, vs, rate);
    h = call(net.second, h, vs, rate);
    h = call(net.third, h, vs, rate);
    const tn::Value loss = tn::mean(square(net.output(tn::dropout(h, rate))));
    r.loss = loss.item();
    const tn::Gradients g = std::move(step).backward(loss);
    r.all = g.of(vx).to_vector();
    for (float e : g.of(vs).to_vector()) r.all.push_back(e);
  }
  tn::for_each_parameter(net, [&](const tn::Path&, const auto& p) {
    for (float e : p.gradient().to_vector()) r.all.push_back(e);
  });
  for (const auto& statistics : {net.first.norm.running_mean.to_vector(), net.third.norm.running_var.to_vector()})
    r.all.insert(r.all.end(), statistics.begin(), statistics.end());
  r.high_water = arena.statistics().high_water;
  return r;
}
const auto plain = [](const Block& block, const auto& x, const auto& scale, double rate) -> tn::Value<float, dyn, 24> {
  return block(x, rate) * scale;
};
const auto again = [](const Block& block, const auto& x, const auto& scale, double rate) {
  // scale is captured, x is given
  return tn::remat([&block, scale, rate](const auto& v) { return block(v, rate) * scale; })(x);
};
const auto nested = [](const Block& block, const auto& x, const auto& scale, double rate) {
  const auto inner = [&block, rate](const auto& v) { return block(v, rate); };
  return tn::remat([inner](const auto& v, const auto& s) { return tn::remat(inner)(v) * s; })(x, scale);
};

}  // namespace

TEST_CASE("remat: value, gradients and statistics bit for bit, in less memory", "[autodiff][remat]") {
  for (const double rate : {0., 0.25}) {
    const Run want = run(plain, rate), got = run(again, rate), deep = run(nested, rate);
    CHECK(want.loss != 0);
    CHECK(got.loss == want.loss);
    CHECK(got.all == want.all);
    CHECK(deep.loss == want.loss);
    CHECK(deep.all == want.all);
    CHECK(got.high_water < want.high_water * 7 / 10);
  }
}

TEST_CASE("remat: what is small, what learns nothing, and what is not recorded", "[autodiff][remat]") {
  tn::Tensor<double, 3> x({1, 2, 3}), c({4, 5, 6});
  tn::Arena arena;
  {
    tn::Step step(arena);
    const tn::Value v = step.variable(x);
    const tn::Value u = step.input(c);
    const auto total = [](const auto& a, const auto& b) { return tn::sum(a * b * a); };
    const tn::Value y = tn::remat(total)(v, u);  // a number: its adjoint has a place of its own
    const tn::Value same = tn::remat([](const auto& a) { return a; })(v);
    const tn::Value constant = tn::remat(total)(u, u);
    CHECK(y.item() == 4 + 20 + 54);
    CHECK(constant.item() == 64 + 125 + 216);
    const tn::Gradients g = std::move(step).backward(y * constant + tn::sum(same * 2.0) + y);
    for (int i = 0; i < 3; ++i) CHECK(g.of(v)(i) == 2. * (i + 1) * (4 + i) * 406 + 2);
  }
  {
    tn::Step step(arena);
    const tn::Value v = step.variable(x);
    const tn::Value unused = tn::remat([](const auto& a) { return a * a; })(v);
    CHECK(unused.size() == 3);
    const tn::Gradients g = std::move(step).backward(tn::sum(v));
    CHECK(g.of(v)(1) == 1);
  }
  {
    tn::Step step(arena);
    const tn::Value v = step.variable(x);
    const tn::Value same = tn::remat([](const auto& a) { return a; })(v);
    CHECK(std::move(step).backward(same, c).of(v)(2) == 6);
    CHECK(c(2) == 6);
  }
  tn::Scope scope(arena);
  const tn::Value v = scope.input(x);
  CHECK(tn::remat([](const auto& a) { return a * a; })(v).view()(2) == 9);
}

TEST_CASE("remat: an error inside f leaves the step as it was", "[autodiff][remat]") {
  tn::Tensor<double, 3> x({1, 2, 3});
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  const auto wrong = [](const auto& a) -> tn::Value<double, 3> {
    if (a.size() == 3) throw tn::ValueError(tn::Loc{}, "no", "do");
    return a;
  };
  CHECK_THROWS_AS(tn::remat(wrong)(v), tn::ValueError);
  const tn::Gradients g = std::move(step).backward(tn::sum(v * v));
  CHECK(g.of(v)(2) == 6);
}

TEST_CASE("remat: what f reads and is written meanwhile is found out", "[autodiff][remat]") {
  tn::Tensor<double, 3> x({1, 2, 3}), mask({1, 0, 1});
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  const tn::Value y = tn::remat([&mask](const auto& a) { return a * mask; })(v);
  const tn::Value loss = tn::sum(tn::square(y));
  mask.mut().fill(10);
  CHECK(error_of([&] { std::move(step).backward(loss); }) ==
        "tenon::remat: computed again in backward, the function gave another result; fix: do not write what it reads "
        "before backward, and let it do the same each time");
}

TEST_CASE("remat: one BatchNorm in two blocks gathers twice, as it does without", "[autodiff][remat]") {
  const auto gathered = [](bool by_remat) {
    tn::nn::BatchNorm<3> norm;
    tn::Rng rng(1);
    tn::nn::init(norm, rng);
    const auto x = tn::normal<float, 5, 3>(rng);
    tn::Arena arena;
    tn::Step step(arena, norm);
    const auto f = [&norm](const auto& a) { return norm(a * 2); };
    tn::Value v = step.variable(x);
    for (int k = 0; k < 2; ++k)
      if (by_remat) v = tn::remat(f)(v);
      else v = f(v);
    std::move(step).backward(tn::sum(tn::square(v)));
    return norm.running_var.to_vector();
  };
  CHECK(gathered(true) == gathered(false));
}
