// What a loop reads and writes is not always what it computes in: 16-bit numbers are converted at load and store, masks
// and integers have registers of their own. Sizes lie around the number of lanes, with and without gaps.
#include "tenon/tensor/lanes.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/cast.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/where.hpp"
#include "tenon/tensor/compare.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {

template <class T> tn::Tensor<T, dyn> eighths(Index n) {
  return tn::Uninit<T, dyn>(tn::Shape<dyn>(n)).init_with([](Index i) {
    return T(static_cast<float>(i * 37 % 41 - 20) / 8);
  });
}
/// Products of these are exact in float, so a sum of one is rounded once, fused or not.
float twice_plus_square(float x) { return x * x + 2 * x; }

}  // namespace

TEMPLATE_TEST_CASE("lanes: 16-bit numbers compute in float and are rounded when stored", "[tensor][lanes]",
                   tn::bfloat16, tn::float16) {
  for (const Index n : {0, 1, 3, 4, 7, 8, 15, 16, 17, 33, 70}) {
    const auto x = eighths<TestType>(n);
    const tn::Tensor wide = x * x + 2 * x;
    STATIC_REQUIRE(std::is_same_v<decltype(wide), const tn::Tensor<float, dyn>>);
    const tn::Tensor stored = tn::cast<TestType>(x * x + 2 * x);
    STATIC_REQUIRE(std::is_same_v<decltype(stored), const tn::Tensor<TestType, dyn>>);
    const auto gaps = x(tn::range(0, n, 2));
    const tn::Tensor thinned = tn::cast<TestType>(gaps + 0.375f);
    for (Index i = 0; i < n; ++i) {
      const float v = static_cast<float>(x(i));
      CHECK(wide(i) == twice_plus_square(v));
      CHECK(stored(i).bits() == TestType(twice_plus_square(v)).bits());
    }
    for (Index i = 0; i < gaps.size(); ++i)
      CHECK(thinned(i).bits() == TestType(static_cast<float>(x(2 * i)) + 0.375f).bits());
  }
}
TEMPLATE_TEST_CASE("lanes: 16-bit numbers meet floats, masks, sums, frames and themselves", "[tensor][lanes]",
                   tn::bfloat16, tn::float16) {
  const Index n = 21;
  auto x = eighths<TestType>(n);
  const auto f = eighths<float>(n);
  CHECK(tn::equal(x + f, f + f));
  CHECK(tn::equal(x > 0, f > 0));
  CHECK(tn::equal(tn::where(x > 0, x, 0), tn::where(f > 0, f, 0)));
  CHECK(tn::sum(x).item() == tn::sum(f).item());
  CHECK(tn::max(x).item() == tn::max(f).item());
  CHECK(tn::equal(tn::cast<float>(x), f));
  {
    tn::Arena arena;
    tn::Scope scope(arena);
    const tn::Value v = scope.input(x);
    CHECK(tn::equal(tn::Value(v * 2), f * 2));
  }
  x.mut() = tn::cast<TestType>(x * 0.5f + x);  // in place
  CHECK(tn::equal(tn::cast<float>(x), tn::cast<float>(tn::cast<TestType>(f * 1.5f))));
  x.mut()(tn::range(0, n - 1)) = x(tn::range(1, n));  // and over itself
  CHECK(static_cast<float>(x(0)) == 1.5f * f(1));
  x.mut() = 3;
  CHECK(static_cast<float>(x(n - 1)) == 3);
}
