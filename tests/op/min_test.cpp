#include "tenon/op/min.hpp"

#include "tests/op/fold_check.hpp"

namespace tenon_test {

namespace {
long double smallest(const std::vector<long double>& x) {
  long double m = inf;
  for (const long double v : x)
    if (v < m || v != v) m = v;
  return m;
}
}  // namespace
TEST_CASE("min: over any axes, of any dtype", "[op][min]") {
  auto f = [](const auto& x, auto... options) { return tn::min(x, options...); };
  check_fold<float>(f, smallest, Domain{-1, 1}, 0, false);
  check_fold<double>(f, smallest, Domain{-1, 1}, 0, false);
  check_fold<std::int32_t>(f, smallest, Domain{-90, 90, 1}, 0, false);
}
TEST_CASE("min: NaN wins wherever it stands, infinities are numbers", "[op][min]") {
  for (const Index at : {0, 1, 7, 8, 16, 36}) {
    tn::Tensor<float, 37> x;
    x.mut()(at) = NAN;
    CHECK(std::isnan(tn::min(x).item()));
  }
  tn::Tensor<float, 5> x;
  x.mut().fill(static_cast<float>(inf));
  CHECK(tn::min(x).item() == static_cast<float>(inf));
}
TEST_CASE("min: of nothing is an error, no results are none", "[op][min]") {
  const tn::Tensor<float, tn::dyn, 3> x({0, 3});
  CHECK_THROWS_AS(tn::min(x), tn::ShapeError);
  CHECK_THROWS_AS(tn::min(x, tn::axis<0>), tn::ShapeError);
  CHECK(tn::Tensor(tn::min(x, tn::axis<1>)).size() == 0);
}
TEST_CASE("min: equal elements share the gradient, so do NaNs", "[op][min]") {
  auto share = [](Index, double ties) { return 1 / ties; };
  check_fold_pull<tn::Min>(share, smallest, {1, 3, -2}, 1e-9);
  CHECK(tn::Min::pull(1.0, 2.0, 2.0, 0.5) == 0.5);
  CHECK(tn::Min::pull(1.0, 1.0, 2.0, 0.5) == 0);
  CHECK(tn::Min::pull(1.0, nan, nan, 0.5) == 0.5);
  CHECK(tn::Min::pull(1.0, 1.0, nan, 0.5) == 0);
}

}  // namespace tenon_test
