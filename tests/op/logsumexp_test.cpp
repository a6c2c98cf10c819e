#include "tenon/op/logsumexp.hpp"

#include "tests/op/fold_check.hpp"

namespace tenon_test {

namespace {
long double log_sum_exp(const std::vector<long double>& x) {
  long double s = 0;
  for (const long double v : x) s += std::exp(v);
  return std::log(s);
}
float of(std::initializer_list<float> x) {
  tn::Tensor<float, tn::dyn> t({static_cast<Index>(x.size())});
  Index i = 0;
  for (const float v : x) t.mut()(i++) = v;
  return tn::logsumexp(t).item();
}
}  // namespace
TEST_CASE("logsumexp: over any axes; -inf of nothing", "[op][logsumexp]") {
  auto f = [](const auto& x, auto... options) { return tn::logsumexp(x, options...); };
  check_fold<float>(f, log_sum_exp, Domain{-20, 20}, 4e-7);
  check_fold<double>(f, log_sum_exp, Domain{-20, 20}, 1e-15);
}
TEST_CASE("logsumexp: neither overflows nor underflows", "[op][logsumexp]") {
  CHECK(of({1000, 1000}) == Approx(1000 + std::log(2.0)).epsilon(1e-6));
  CHECK(of({-1000, -1000}) == Approx(-1000 + std::log(2.0)).epsilon(1e-6));
  CHECK(of({-1000, 1000}) == 1000);
  CHECK(of({3.4e38f, -3.4e38f}) == 3.4e38f);
}
TEST_CASE("logsumexp: infinities and NaN", "[op][logsumexp]") {
  const float infinity = HUGE_VALF;
  CHECK(of({-infinity, -infinity, -infinity}) == -infinity);
  CHECK(of({-infinity, 2, -infinity}) == 2);
  CHECK(of({infinity, 1}) == infinity);
  CHECK(of({1, infinity}) == infinity);
  CHECK(of({infinity, infinity, -infinity}) == infinity);
  CHECK(std::isnan(of({NAN, infinity})));
  CHECK(std::isnan(of({infinity, NAN})));
  CHECK(std::isnan(of({1, NAN, 3, -infinity})));
}
TEST_CASE("logsumexp: the gradient is the softmax, on equal elements too", "[op][logsumexp]") {
  check_fold_pull<tn::LogSumExp>([](Index, double) { return 1.0; }, log_sum_exp, {1, -2, 3, 3, 0.5}, 1e-8);
  // The tangent of the fold itself: d/dt log(exp(1 + t) + exp(1)) at t = 0 is 1/2, whichever comes first.
  for (const bool first : {true, false}) {
    tn::Dual<double> s[2];
    tn::LogSumExp::start(s);
    tn::LogSumExp::add(s, tn::Dual<double>(1, first ? 1 : 0));
    tn::LogSumExp::add(s, tn::Dual<double>(1, first ? 0 : 1));
    CHECK(tn::LogSumExp::finish(s, 2).tangent == Approx(0.5));
  }
}

}  // namespace tenon_test
