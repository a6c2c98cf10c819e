#include "tenon/op/dropout.hpp"

#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::Index;
using Vector = tn::Tensor<float, tn::dyn>;

Vector counting(Index n) {
  Vector x({n});
  auto w = x.mut();
  for (Index i = 0; i < n; ++i) w.data()[i] = static_cast<float>(i + 1);
  return x;
}
/// One dropout of `x` in a step whose generator has the seed, as the first op that draws or a later one.
std::vector<float> dropped(const Vector& x, double rate, std::uint64_t seed, int earlier = 0) {
  tn::Arena arena;
  tn::Rng rng(seed);
  tn::Step step(arena, rng);
  const tn::Value v = step.variable(x);
  for (int i = 0; i < earlier; ++i) (void)tn::Value(dropout(v, rate));
  return tn::Value(dropout(v, rate)).to_vector();
}
/// The mask from its definition: 16 bits number k mod 8 of Philox block k / 8, against rate 2^16.
bool kept(Index k, double rate, std::uint64_t seed, std::uint64_t draw) {
  tn::Rng rng(seed);
  const auto key = rng.next().fork(draw).key();
  const auto block = static_cast<std::uint64_t>(k / 8);
  const auto words =
      tn::philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0}, key);
  const std::uint32_t word = words[static_cast<std::size_t>(k % 8 / 2)];
  return (k % 2 == 0 ? word % 65536 : word / 65536) >= std::nearbyint(rate * 65536);
}

}  // namespace

TEST_CASE("dropout: keeps what the counter says and scales it", "[op][dropout]") {
  for (const Index n : {Index{0}, Index{1}, Index{31}, Index{32}, Index{33}, Index{1000}}) {
    const auto x = counting(n);
    for (const double rate : {0.1, 0.5, 0.9}) {
      const auto y = dropped(x, rate, 11);
      REQUIRE(static_cast<Index>(y.size()) == n);
      for (Index k = 0; k < n; ++k) {
        const auto scaled = static_cast<double>(k + 1) / (1 - rate);
        CHECK(y[static_cast<std::size_t>(k)] == Approx(kept(k, rate, 11, 0) ? scaled : 0).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("dropout: drops at its rate, without a pattern between neighbours", "[op][dropout]") {
  const Index n = 100000;
  Vector ones({n});
  ones.mut() = 1.f;
  for (const double rate : {0.05, 0.3, 0.5, 0.8}) {
    const auto y = dropped(ones, rate, 3);
    double kept_count = 0, pairs = 0;
    for (std::size_t k = 0; k < y.size(); ++k) {
      kept_count += y[k] != 0;
      pairs += k > 0 && y[k] != 0 && y[k - 1] != 0;
    }
    const double p = 1 - rate, count = static_cast<double>(n);
    CHECK(std::abs(kept_count / count - p) < 5 * std::sqrt(p * rate / count));
    CHECK(std::abs(pairs / count - p * p) < 8 * std::sqrt(p * p * (1 - p * p) / count));
  }
}

TEST_CASE("dropout: the same seed, step and place give the same mask, others give others", "[op][dropout]") {
  const auto x = counting(256);
  CHECK(dropped(x, 0.5, 1) == dropped(x, 0.5, 1));
  CHECK(dropped(x, 0.5, 1) != dropped(x, 0.5, 2));
  CHECK(dropped(x, 0.5, 1) != dropped(x, 0.5, 1, 1));
  tn::Arena arena;
  tn::Rng rng(1);
  std::vector<float> step_of[2];
  for (auto& y : step_of) {
    tn::Step step(arena, rng);
    y = tn::Value(dropout(step.variable(x), 0.5)).to_vector();
  }
  CHECK(step_of[0] == dropped(x, 0.5, 1));
  CHECK(step_of[0] != step_of[1]);
}

TEST_CASE("dropout: the first elements do not depend on how many follow", "[op][dropout]") {
  const auto whole = dropped(counting(500), 0.4, 9), part = dropped(counting(77), 0.4, 9);
  CHECK(std::vector<float>(whole.begin(), whole.begin() + 77) == part);
}

TEST_CASE("dropout: the gradient passes where the value did", "[op][dropout]") {
  const auto x = counting(70), w = counting(70);
  tn::Arena arena;
  tn::Rng rng(4);
  tn::Step step(arena, rng);
  const tn::Value v = step.variable(x);
  const auto y = dropout(v, 0.25);
  const auto loss = sum(y * w) + sum(v);  // a second contribution is added
  const auto g = std::move(step).backward(loss).of(v);
  for (Index k = 0; k < 70; ++k) {
    const float through = kept(k, 0.25, 4, 0) ? static_cast<float>(1 / 0.75) * static_cast<float>(k + 1) : 0;
    CHECK(g(k) == Approx(through + 1));
  }
}

TEST_CASE("dropout: duals share one mask", "[op][dropout]") {
  using D = tn::Dual<double>;
  tn::Tensor<D, tn::dyn> x({40});
  for (Index k = 0; k < 40; ++k) x.mut()(k) = D(static_cast<double>(k + 1), 2);
  tn::Arena arena;
  tn::Rng rng(4);
  tn::Step step(arena, rng);
  const tn::Value v = step.variable(x);
  const tn::Value y = dropout(v, 0.5);
  const auto g = std::move(step).backward(sum(y * y)).of(v);
  for (Index k = 0; k < 40; ++k) {
    const double m = kept(k, 0.5, 4, 0) ? 2 : 0;
    CHECK(y(k).value == m * static_cast<double>(k + 1));
    CHECK(y(k).tangent == 2 * m);
    CHECK(g(k).tangent == 4 * m * m);
  }
}

TEST_CASE("dropout: a NaN is not hidden", "[op][dropout]") {
  Vector x({64});
  x.mut() = NAN;
  for (const float y : dropped(x, 0.5, 1)) CHECK(std::isnan(y));
}

TEST_CASE("dropout: nothing happens where nothing is recorded", "[op][dropout]") {
  const auto x = counting(50);
  const tn::Tensor plain = dropout(x, 0.5);
  CHECK(plain.to_vector() == x.to_vector());
  tn::Arena arena;
  {
    tn::Scope scope(arena);
    const tn::Value v = scope.input(x);
    const auto loops = tn::counters().loops;
    const tn::Value y = dropout(v, 0.5);
    CHECK(y.data() == v.data());  // x itself
    CHECK(tn::counters().loops == loops);
    CHECK(tn::Value(dropout(v * 2, 0.5)).to_vector() == tn::Value(v * 2).to_vector());
  }
  tn::Parameter<float, tn::dyn> p(counting(50));
  const tn::Tensor read = dropout(p, 0.5);
  CHECK(read.to_vector() == x.to_vector());
  {
    tn::Step step(arena);  // a Scope inside a Step
    const tn::Value v = step.variable(x);
    tn::Scope scope(arena);
    CHECK(tn::Value(dropout(v, 0.5)).to_vector() == x.to_vector());
  }
  tn::Rng rng(1);
  tn::Step step(arena, rng);
  CHECK(tn::Value(dropout(step.variable(x), 0)).to_vector() == x.to_vector());
  CHECK(step.next_rng() == tn::Rng(1).next().fork(std::uint64_t{0}));  // rate 0 drew nothing
}

TEST_CASE("dropout: a bad rate and a step without a generator are errors", "[op][dropout]") {
  const auto x = counting(5);
  for (const double rate : {-0.1, 1.0, 2.0, static_cast<double>(NAN)})
    CHECK(says(error_of<tn::ValueError>([&] { (void)dropout(x, rate); }), "tenon::dropout: rate is"));
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  CHECK(says(error_of<tn::OwnershipError>([&] { (void)dropout(v, 0.5); }), "Step step(arena, net, rng)"));
}

TEST_CASE("dropout: of what is read in another order or shape", "[op][dropout]") {
  const auto x = counting(6);
  const auto want = dropped(x, 0.5, 3);  // element k of the result, whatever its shape
  const auto take = [&](auto&& rearranged, auto element) {
    tn::Arena arena;
    tn::Rng rng(3);
    tn::Step step(arena, rng);
    const tn::Value v = step.variable(x);
    const tn::Value y = dropout(rearranged(v), 0.5);
    const auto g = std::move(step).backward(sum(y));
    for (Index k = 0; k < 6; ++k) {
      const Index from = element(k);
      const bool is_kept = want[static_cast<std::size_t>(k)] != 0;
      CHECK(y.to_vector()[static_cast<std::size_t>(k)] == (is_kept ? 2 * x(from) : 0.f));
      CHECK(g.of(v)(from) == (is_kept ? 2.f : 0.f));
    }
  };
  take([](const auto& v) { return reshape(v, {3, 2}); }, [](Index k) { return k; });
  take([](const auto& v) { return unsqueeze(v, tn::axis<0>); }, [](Index k) { return k; });
  take([](const auto& v) { return transpose(reshape(v, {3, 2})); }, [](Index k) { return k % 3 * 2 + k / 3; });
  tn::Arena arena;
  tn::Scope scope(arena);  // off: the elements themselves
  const tn::Value y = dropout(transpose(reshape(scope.input(x), {3, 2})), 0.5);
  CHECK(y.to_vector() == std::vector<float>{1, 3, 5, 2, 4, 6});
}
