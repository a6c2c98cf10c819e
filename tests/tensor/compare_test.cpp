#include "tenon/tensor/compare.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::dyn;

namespace {
const float not_a_number = NAN, infinity = HUGE_VALF;
template <class... X> tn::Tensor<float, dyn> row(X... x) {
  tn::Tensor<float, dyn> t({static_cast<int>(sizeof...(X))});
  float* p = t.mut().data();
  ((*p++ = static_cast<float>(x)), ...);
  return t;
}
}  // namespace

TEST_CASE("compare: equal means the same shape and the same bits", "[tensor][compare]") {
  CHECK(tn::equal(row(1, 2, not_a_number), row(1, 2, not_a_number)));
  CHECK_FALSE(tn::equal(row(1, 2), row(1, 3)));
  CHECK_FALSE(tn::equal(row(0), row(-0.f)));
  CHECK_FALSE(tn::equal(row(1, 2), row(1, 2, 3)));
  const tn::Tensor<float, 2, 2> a = {{1, 2}, {3, 4}};
  const tn::Tensor<float, 4> b = {1, 2, 3, 4};
  CHECK_FALSE(tn::equal(a, b));
  CHECK(tn::equal(tn::flatten(a), b));
  CHECK(tn::equal(tn::transpose(tn::transpose(a)), a));
  CHECK_FALSE(tn::equal(tn::transpose(a), a));
  CHECK(tn::equal(a + a, 2 * a));
  CHECK(tn::equal(row(), row()));
  const tn::Tensor<bool, 2> m = {true, false};
  CHECK(tn::equal(m, m));
}
TEST_CASE("compare: allclose is |a - b| <= atol + rtol |b|", "[tensor][compare]") {
  CHECK(tn::allclose(row(1, 2), row(1.000009f, 2)));
  CHECK_FALSE(tn::allclose(row(1, 2), row(1.0001f, 2)));
  CHECK(tn::allclose(row(1, 2), row(1.5, 2), 0, 0.5));
  CHECK_FALSE(tn::allclose(row(1, 2), row(1.5, 2), 0, 0.49));
  CHECK(tn::allclose(row(100), row(110), 0.1, 0));          // relative to b: 10 <= 11
  CHECK_FALSE(tn::allclose(row(110), row(100), 0.099, 0));  // 10 > 9.9
  CHECK(tn::allclose(row(), row()));
  CHECK(tn::allclose(row(3, 3), 3));
  CHECK_FALSE(tn::allclose(row(3, 4), 3));
  const tn::Tensor<std::int64_t, 2> i = {1, PTRDIFF_MAX}, j = {1, PTRDIFF_MAX - 1};
  CHECK_FALSE(tn::allclose(i, j, 0, 0));
  CHECK(tn::allclose(i, j, 0, 1));
}
TEST_CASE("compare: allclose of NaN and infinities", "[tensor][compare]") {
  CHECK(tn::allclose(row(infinity, -infinity), row(infinity, -infinity)));
  CHECK_FALSE(tn::allclose(row(infinity), row(-infinity)));
  CHECK_FALSE(tn::allclose(row(1), row(infinity)));  // although rtol * infinity is infinite
  CHECK_FALSE(tn::allclose(row(infinity), row(1), 1e-5, infinity));
  CHECK_FALSE(tn::allclose(row(not_a_number), row(not_a_number)));
  CHECK(tn::allclose(row(not_a_number), row(not_a_number), 0, 0, true));
  CHECK_FALSE(tn::allclose(row(not_a_number), row(1), 0, 0, true));
}
TEST_CASE("compare: shapes must agree, values of a frame and parameters may be given", "[tensor][compare]") {
  CHECK_THROWS_AS(tn::allclose(row(1), row(1, 1)), tn::ShapeError);
  tn::Parameter<float, 2> p(tn::Tensor<float, 2>{1, 2});
  tn::Arena arena;
  tn::Step step(arena, p);
  const tn::Value x = step.input(row(1, 2));
  CHECK(tn::allclose(p, x));
  CHECK(tn::allclose(2 * p, x + x));
}
