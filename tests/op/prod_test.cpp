#include "tenon/op/prod.hpp"

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

TEST_CASE("prod: over any axes, kept or not, of any layout", "[op][prod]") {
  tn::Rng rng(9);
  const auto t = tn::uniform<double>(rng, {3, 4, 5}, 0.5, 1.5);
  const auto u = tn::permute(t, tn::axis<1, 2, 0>);
  const tn::Tensor p0 = tn::prod(t, tn::axis<0>), q = tn::prod(u, tn::axis<2>);
  const tn::Tensor p02 = tn::prod(t, tn::axis<0, -1>, tn::keep_dims);
  const double all = tn::prod(t).item();
  long double whole = 1;
  for (Index j = 0; j < 4; ++j) {
    long double plane = 1;
    for (Index k = 0; k < 5; ++k) {
      long double line = 1;
      for (Index i = 0; i < 3; ++i) line *= static_cast<long double>(t(i, j, k));
      CHECK(p0(j, k) == Approx(static_cast<double>(line)).epsilon(1e-15));
      CHECK(q(j, k) == p0(j, k));
      plane *= line;
    }
    CHECK(p02(0, j, 0) == Approx(static_cast<double>(plane)).epsilon(1e-14));
    whole *= plane;
  }
  CHECK(all == Approx(static_cast<double>(whole)).epsilon(1e-13));
  CHECK(tn::prod(t, tn::keep_dims).shape().rank == 3);
}
TEST_CASE("prod: dtypes, empty products and wrapping", "[op][prod]") {
  const tn::Tensor<std::int32_t, 3> i = {100000, 100000, 3};
  STATIC_REQUIRE(std::is_same_v<decltype(tn::prod(i))::dtype, std::int64_t>);
  CHECK(tn::prod(i).item() == 30000000000);
  CHECK(tn::prod(tn::Tensor<std::int64_t, 2>{std::int64_t{1} << 62, 4}).item() == 0);  // wraps round, as NumPy
  CHECK(tn::prod(tn::Tensor<bool, 3>{true, true, true}).item() == 1);
  CHECK(tn::prod(tn::Tensor<std::uint8_t, 2>{200, 200}).item() == 40000);
  CHECK(tn::prod(tn::Tensor<float, dyn, dyn>({0, 2}), tn::axis<0>)(1) == 1.f);
  CHECK(tn::prod(tn::Tensor<float>(3)).item() == 3);
  STATIC_REQUIRE(
      std::is_same_v<decltype(tn::prod(tn::uniform<tn::bfloat16, 2>(std::declval<tn::Rng&>())))::dtype, float>);
}
TEST_CASE("prod: the gradient is right with no zero, one and several", "[op][prod][grad]") {
  tn::Rng rng(10);
  auto x = tn::uniform<double, 4, 5>(rng, -1.5, 1.5);
  x.mut()(1, 2) = 0;
  x.mut()(2, tn::range(0, 2)) = 0;
  x.mut()(3, tn::all) = 0;
  const auto check = [&](auto f) {
    const auto first = tn::gradcheck(f, x), second = tn::gradgradcheck(f, x);
    INFO(to_string(first) << "\n" << to_string(second));
    CHECK((first.ok && second.ok));
  };
  check([](const auto& a) { return tn::prod(a, tn::axis<1>); });
  check([](const auto& a) { return tn::prod(a, tn::axis<0>, tn::keep_dims) * a; });
  check([](const auto& a) { return tn::prod(tn::transpose(a), tn::axis<0>); });
  check([](const auto& a) { return tn::prod(a); });
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  const auto g = std::move(step).backward(tn::prod(v, tn::axis<1>), tn::ones<double, 4>());
  CHECK(g.of(v)(1, 2) == Approx(x(1, 0) * x(1, 1) * x(1, 3) * x(1, 4)));
  CHECK(g.of(v)(1, 0) == 0);
  for (Index j = 0; j < 5; ++j) CHECK(g.of(v)(2, j) == 0);
}
TEST_CASE("prod: the gradient does not overflow where the product does", "[op][prod][grad]") {
  const tn::Tensor<double, 3> x = {1e200, 1e-10, 1e200};
  tn::Arena arena;
  tn::Step step(arena);
  const tn::Value v = step.variable(x);
  const auto g = std::move(step).backward(tn::prod(v));
  CHECK(g.of(v)(0) == Approx(1e190));
  CHECK(g.of(v)(2) == Approx(1e190));
}
