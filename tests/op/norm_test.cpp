#include "tenon/op/norm.hpp"

#include "tests/op/fold_check.hpp"

namespace tenon_test {

namespace {
long double length(const std::vector<long double>& x) {
  long double s = 0;
  for (const long double v : x) s += v * v;
  return std::sqrt(s);
}
}  // namespace
TEST_CASE("norm: over any axes", "[op][norm]") {
  auto f = [](const auto& x, auto... options) { return tn::norm(x, options...); };
  check_fold<float>(f, length, Domain{-1, 1}, 1e-6);
  check_fold<double>(f, length, Domain{-1, 1}, 1e-14);
}
TEST_CASE("norm: the gradient is x / y, and 0 at 0", "[op][norm]") {
  check_fold_pull<tn::Norm>([](Index, double) { return 1.0; }, length, {1, -2, 3, 0.5}, 1e-8);
  CHECK(tn::Norm::pull(1.0, 0.0, 0.0, 1.0) == 0);
  const tn::Dual<double> zero[1] = {tn::Dual<double>(0, 0)};
  CHECK(tn::Norm::finish(zero, 1).tangent == 0);
}

}  // namespace tenon_test
