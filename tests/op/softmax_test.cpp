#include "tenon/op/softmax.hpp"

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {
/// softmax, or its logarithm, of n numbers in long double.
template <class At> std::vector<long double> truth(Index n, At at, bool logarithm) {
  long double most = -HUGE_VALL, sum = 0;
  for (Index i = 0; i < n; ++i) most = at(i) > most ? static_cast<long double>(at(i)) : most;
  for (Index i = 0; i < n; ++i) sum += std::exp(static_cast<long double>(at(i)) - most);
  std::vector<long double> y;
  for (Index i = 0; i < n; ++i) {
    const long double z = static_cast<long double>(at(i)) - most;
    y.push_back(logarithm ? z - std::log(sum) : std::exp(z) / sum);
  }
  return y;
}
template <class T> void check_values(double tolerance) {
  tn::Rng rng(1);
  for (const Index n : {1, 2, 7, 16, 33, 100}) {
    const auto t = tn::uniform<T>(rng, {3, n, 4}, T(-30), T(30));
    const auto turned = tn::permute(t, tn::axis<1, 2, 0>);
    const tn::Tensor y = tn::softmax(t, tn::axis<1>), l = tn::log_softmax(t, tn::axis<-2>),
                     z = tn::softmax(turned, tn::axis<0>);
    for (Index i = 0; i < 3; ++i)
      for (Index k = 0; k < 4; ++k) {
        const auto want = truth(
                       n, [&](Index j) { return t(i, j, k); }, false),
                   log = truth(
                       n, [&](Index j) { return t(i, j, k); }, true);
        for (Index j = 0; j < n; ++j) {
          const auto u = static_cast<std::size_t>(j);
          CHECK(std::abs(static_cast<double>(y(i, j, k)) - static_cast<double>(want[u])) <= tolerance);
          CHECK(std::abs(static_cast<double>(l(i, j, k)) - static_cast<double>(log[u])) <=
                tolerance * (1 + std::abs(static_cast<double>(log[u]))));
          CHECK(std::abs(z(j, k, i) - y(i, j, k)) <= static_cast<T>(tolerance));
        }
      }
  }
}
const float not_a_number = NAN, infinity = HUGE_VALF;
}  // namespace

TEST_CASE("softmax: values along any axis, of any layout", "[op][softmax]") {
  check_values<float>(4e-7);
  check_values<double>(1e-15);
}
TEST_CASE("softmax: large numbers do not overflow, edges follow PyTorch", "[op][softmax]") {
  const tn::Tensor a = tn::softmax(tn::Tensor<float, 3>{1e30f, 1e30f, 0}, tn::axis<0>);
  CHECK((a(0) == 0.5f && a(1) == 0.5f && a(2) == 0));
  const tn::Tensor b = tn::softmax(tn::Tensor<float, 3>{-infinity, 1, -infinity}, tn::axis<0>);
  CHECK((b(0) == 0 && b(1) == 1 && b(2) == 0));
  const tn::Tensor c = tn::softmax(tn::Tensor<float, 2>{-infinity, -infinity}, tn::axis<0>);
  CHECK((std::isnan(c(0)) && std::isnan(c(1))));
  const tn::Tensor d = tn::softmax(tn::Tensor<float, 2>{not_a_number, 1}, tn::axis<0>);
  CHECK((std::isnan(d(0)) && std::isnan(d(1))));
  const tn::Tensor e = tn::log_softmax(tn::Tensor<float, 2>{-200, 0}, tn::axis<0>);
  CHECK((e(0) == -200 && e(1) == 0));
  const tn::Tensor f = tn::log_softmax(tn::Tensor<float, 2>{10000, 10001}, tn::axis<0>);  // as of 0 and 1
  CHECK(f(0) == Approx(-1.3132617).epsilon(1e-6));
  CHECK(f(1) == Approx(-0.3132617).epsilon(1e-6));
}
TEST_CASE("softmax: empty tensors and lines", "[op][softmax]") {
  CHECK(tn::softmax(tn::Tensor<float, dyn, dyn>({0, 3}), tn::axis<1>).shape()[0] == 0);
  CHECK(tn::Tensor(tn::softmax(tn::Tensor<float, dyn, dyn>({3, 0}), tn::axis<1>)).size() == 0);
  CHECK(tn::softmax(tn::Tensor<float, 1>{5}, tn::axis<0>)(0) == 1);
}
TEST_CASE("softmax: gradients, tangents and second derivatives", "[op][softmax][grad]") {
  tn::Rng rng(2);
  const auto x = tn::uniform<double, 3, 4>(rng, -2, 2);
  const auto check = [&](auto f) {
    const auto first = tn::gradcheck(f, x), second = tn::gradgradcheck(f, x);
    INFO(to_string(first) << "\n" << to_string(second));
    CHECK((first.ok && second.ok));
  };
  check([](const auto& a) { return tn::softmax(a, tn::axis<1>); });
  check([](const auto& a) { return tn::softmax(a, tn::axis<0>) * a; });
  check([](const auto& a) { return tn::log_softmax(a, tn::axis<-1>); });
  check([](const auto& a) { return tn::log_softmax(a, tn::axis<0>) * a; });
  check([](const auto& a) { return tn::softmax(tn::transpose(a), tn::axis<1>); });
}
