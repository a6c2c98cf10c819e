#include "tenon/op/max.hpp"

#include "tests/op/fold_check.hpp"

namespace tenon_test {

namespace {
long double largest(const std::vector<long double>& x) {
  long double m = -inf;
  for (const long double v : x)
    if (v > m || v != v) m = v;
  return m;
}
}  // namespace
TEST_CASE("max: over any axes, of any dtype", "[op][max]") {
  auto f = [](const auto& x, auto... options) { return tn::max(x, options...); };
  check_fold<float>(f, largest, Domain{-1, 1}, 0, false);
  check_fold<double>(f, largest, Domain{-1, 1}, 0, false);
  check_fold<std::int32_t>(f, largest, Domain{-90, 90, 1}, 0, false);
}
TEST_CASE("max: NaN wins wherever it stands, infinities are numbers", "[op][max]") {
  for (const Index at : {0, 1, 7, 8, 16, 36}) {
    tn::Tensor<float, 37> x;
    x.mut()(at) = NAN;
    CHECK(std::isnan(tn::max(x).item()));
  }
  tn::Tensor<float, 5> x;
  x.mut().fill(static_cast<float>(-inf));
  CHECK(tn::max(x).item() == static_cast<float>(-inf));
}
TEST_CASE("max: of nothing is an error, no results are none", "[op][max]") {
  const tn::Tensor<float, tn::dyn, 3> x({0, 3});
  CHECK_THROWS_AS(tn::max(x), tn::ShapeError);
  CHECK_THROWS_AS(tn::max(x, tn::axis<0>), tn::ShapeError);
  CHECK(tn::Tensor(tn::max(x, tn::axis<1>)).size() == 0);
}
TEST_CASE("max: equal elements share the gradient, so do NaNs", "[op][max]") {
  auto share = [](Index, double ties) { return 1 / ties; };
  check_fold_pull<tn::Max>(share, largest, {1, 3, -2}, 1e-9);
  CHECK(tn::Max::pull(1.0, 2.0, 2.0, 0.5) == 0.5);
  CHECK(tn::Max::pull(1.0, 1.0, 2.0, 0.5) == 0);
  CHECK(tn::Max::pull(1.0, nan, nan, 0.5) == 0.5);
  CHECK(tn::Max::pull(1.0, 1.0, nan, 0.5) == 0);
}

}  // namespace tenon_test
