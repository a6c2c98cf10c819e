#include "tenon/op/mean.hpp"

#include "tests/op/fold_check.hpp"

namespace tenon_test {

namespace {
long double average(const std::vector<long double>& x) {
  long double s = 0;
  for (const long double v : x) s += v;
  return s / static_cast<long double>(x.size());
}
}  // namespace
TEST_CASE("mean: over any axes; NaN of nothing", "[op][mean]") {
  auto f = [](const auto& x, auto... options) { return tn::mean(x, options...); };
  check_fold<float>(f, average, Domain{-1, 1}, 1e-6);
  check_fold<double>(f, average, Domain{-1, 1}, 1e-14);
}
TEST_CASE("mean: each element gets its share of the gradient", "[op][mean]") {
  check_fold_pull<tn::Mean>([](Index n, double) { return tn::Mean::share<double>(n); }, average, {1, -2, 3, 0.5}, 1e-9);
}

}  // namespace tenon_test
