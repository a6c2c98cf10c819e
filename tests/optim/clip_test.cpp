#include "tenon/optim/clip.hpp"

#include "tests/catch.hpp"
#include "tests/error_of.hpp"
#include "tests/optim/reference.hpp"

namespace tenon_test {
namespace {

struct Pair {
  Single<float> one;
  Single<double> two;
  tn::Parameter<float, 4> never;
};
long double norm_of(Index n, Index m) {
  long double squares = 0;
  for (Index i = 0; i < n; ++i)
    squares += static_cast<long double>(Single<float>::slope(i, 1)) * Single<float>::slope(i, 1);
  for (Index i = 0; i < m; ++i)
    squares += static_cast<long double>(Single<double>::slope(i, 2)) * Single<double>::slope(i, 2);
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("clip_by_norm: scales all gradients by one factor and returns the norm before", "[optim][clip]") {
  tn::Arena arena;
  Pair m{Single<float>(37), Single<double>(100), {}};
  m.one.learn(arena, 1), m.two.learn(arena, 2);
  const auto norm = static_cast<double>(norm_of(37, 100));
  CHECK(tn::optim::clip_by_norm(m, 2 * norm) == Approx(norm).epsilon(1e-12));
  CHECK(m.two.w.gradient()(3) == Single<double>::slope(3, 2));  // short enough: untouched
  CHECK(tn::optim::clip_by_norm(m, 0.5) == Approx(norm).epsilon(1e-12));
  for (Index i = 0; i < 37; ++i)
    CHECK(m.one.w.gradient()(i) == Approx(Single<float>::slope(i, 1) * 0.5 / norm).margin(1e-12));
  CHECK(m.two.w.gradient()(3) == Approx(Single<double>::slope(3, 2) * 0.5 / norm));
  CHECK(tn::optim::clip_by_norm(m, 1) == Approx(0.5));
  CHECK(!m.never.has_gradient());
}
TEST_CASE("clip_by_norm: gradients whose squares overflow a float are clipped", "[optim][clip]") {
  tn::Arena arena;
  Single<float> m(3);
  {
    tn::Step step(arena, m);
    std::move(step).backward(sum(m.w * 1e30f));
  }
  CHECK(tn::optim::clip_by_norm(m, 1) == Approx(1e30 * std::sqrt(3.0)));
  CHECK(m.w.gradient()(2) == Approx(1 / std::sqrt(3.0)));
}
TEST_CASE("clip_by_norm: a norm that is not finite is returned and nothing changed", "[optim][clip]") {
  for (const float bad : {NAN, HUGE_VALF}) {
    tn::Arena arena;
    Single<float> m(3);
    tn::Tensor<float, 3> g = {1.f, bad, 2.f};
    {
      tn::Step step(arena, m);
      std::move(step).backward(sum(m.w * g));
    }
    CHECK(!std::isfinite(tn::optim::clip_by_norm(m, 0.1)));
    CHECK(m.w.gradient()(2) == 2);
  }
}
TEST_CASE("clip_by_norm: no gradients have norm 0; bad arguments and open steps are errors", "[optim][clip]") {
  Single<float> m(3);
  CHECK(tn::optim::clip_by_norm(m, 1) == 0);
  for (const double bad : {0.0, -1.0, static_cast<double>(NAN)})
    CHECK(says(error_of<tn::ValueError>([&] { tn::optim::clip_by_norm(m, bad); }), "max_norm is"));
  tn::Arena arena;
  tn::Step step(arena, m);
  CHECK(says(error_of<tn::OwnershipError>([&] { tn::optim::clip_by_norm(m, 1); }), "parameter 'w' is held"));
}
}  // namespace tenon_test
