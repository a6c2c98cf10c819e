#include "tenon/op/var.hpp"

#include "tenon/op/std_dev.hpp"
#include "tests/op/fold_check.hpp"

namespace tenon_test {

namespace {
long double variance(const std::vector<long double>& x, long double off) {
  long double mean = 0, s = 0;
  const auto n = static_cast<long double>(x.size());
  for (const long double v : x) mean += v / n;
  for (const long double v : x) s += (v - mean) * (v - mean);
  return s / (n > off ? n - off : 0);
}
}  // namespace
TEST_CASE("var: over any axes, of a sample", "[op][var]") {
  auto f = [](const auto& x, auto... options) { return tn::var(x, options...); };
  auto truth = [](const std::vector<long double>& x) { return variance(x, 1); };
  check_fold<float>(f, truth, Domain{-1, 1}, 1e-5);
  check_fold<double>(f, truth, Domain{-1, 1}, 1e-14);
}
TEST_CASE("var: correction(0) is that of a population; a large mean does not cancel", "[op][var]") {
  const tn::Tensor<float, 4> x = {10001, 10002, 10003, 10004};
  CHECK(tn::var(x, tn::correction(0)).item() == Approx(1.25));
  CHECK(tn::var(x, tn::axis<0>).item() == Approx(5.0 / 3));
  CHECK(tn::Tensor(tn::var(x, tn::axis<0>, tn::keep_dims, tn::correction(2)))(0) == Approx(2.5));
}
TEST_CASE("std_dev: the root of the variance", "[op][var]") {
  const tn::Tensor<float, 2, 2> x = {{1, 3}, {2, 6}};
  const tn::Tensor s = tn::std_dev(x, tn::axis<1>, tn::correction(0));
  CHECK(s(0) == Approx(1));
  CHECK(s(1) == Approx(2));
  CHECK(tn::std_dev(x).item() == Approx(std::sqrt(14.0 / 3)));
}
TEST_CASE("var: of a temporary, whose elements the result does not outlive", "[op][var]") {
  auto v = tn::var(tn::Tensor<float, 2>{1, 3});
  CHECK(v.item() == Approx(2));
}

}  // namespace tenon_test
