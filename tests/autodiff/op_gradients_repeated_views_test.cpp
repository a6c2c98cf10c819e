// A value read several times in one loop, along strides of its own: every contribution reaches its adjoint.
#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/cast.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/slice.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;

namespace {
using Matrix = tn::Tensor<double, 3, 4>;
const Matrix x = {{1, -2, 3, 0.5}, {0.25, 5, -6, 7}, {-8, 9, 1.5, -0.75}};
}  // namespace

TEST_CASE("repeated views: a transposed value twice in one loop", "[autodiff][op_gradients]") {
  const auto g = tn::grad([](const auto& t) { return sum(transpose(t) * square(transpose(t))); })(x);
  for (tn::Index i = 0; i < 3; ++i)
    for (tn::Index j = 0; j < 4; ++j) CHECK(g(i, j) == Approx(3 * x(i, j) * x(i, j)));
  CHECK(tn::gradcheck(
      [](const auto& t) {
        auto u = transpose(t);
        return sum(u * u * u);
      },
      x));
}
TEST_CASE("repeated views: a permuted value twice, and beside itself", "[autodiff][op_gradients]") {
  tn::Tensor<double, 2, 3, 4> cube;
  auto w = cube.mut();
  for (tn::Index i = 0; i < cube.size(); ++i) w.data()[i] = 0.25 * static_cast<double>(i % 7) - 0.6;
  { auto ended = std::move(w); }
  CHECK(tn::gradcheck(
      [](const auto& t) {
        auto u = permute(t, tn::axis<2, 0, 1>);
        return sum(u * u + square(u));
      },
      cube));
  const tn::Tensor<double, 3, 3> square_matrix = {{1, 2, 3}, {-4, 5, 6}, {0.5, -8, 9}};
  CHECK(tn::gradcheck([](const auto& t) { return sum(t * transpose(t) * t + transpose(t) * transpose(t)); },
                      square_matrix));
}
TEST_CASE("repeated views: rows and columns of one value in one loop", "[autodiff][op_gradients]") {
  CHECK(tn::gradcheck(
      [](const auto& t) { return sum(slice(t, tn::all, 1) * slice(t, tn::all, 1) + slice(t, tn::all, 2)); }, x));
  CHECK(tn::gradcheck(
      [](const auto& t) { return sum(slice(t, tn::range(0, 1)) * t + t * slice(t, tn::all, tn::range(1, 2))); }, x));
}
TEST_CASE("repeated views: a named value of 16 bits would cut the gradient, and is refused",
          "[autodiff][op_gradients]") {
  struct Net {
    tn::Parameter<float, 3> b = tn::Tensor<float, 3>{1, 2, 3};
  } net;
  tn::Arena arena;
  {
    tn::Step step(arena, net);
    CHECK(says(error_of([&] {
                 auto h = tn::cast<tn::bfloat16>(net.b);
                 (void)eval(h * 3);
               }),
               "a value of 16 bits has no adjoint"));
    std::move(step).backward(sum(tn::cast<tn::bfloat16>(net.b) * 3));
  }
  CHECK(net.b.gradient()(0) == 3);
}
