#include "tenon/op/sum.hpp"

#include "tests/op/fold_check.hpp"

namespace tenon_test {

namespace {
long double total(const std::vector<long double>& x) {
  long double s = 0;
  for (const long double v : x) s += v;
  return s;
}
}  // namespace
TEST_CASE("sum: over any axes, of any dtype", "[op][sum]") {
  auto f = [](const auto& x, auto... options) { return tn::sum(x, options...); };
  check_fold<float, true>(f, total, Domain{-1, 1}, 1e-5);
  check_fold<double>(f, total, Domain{-1, 1}, 1e-14);
  check_fold<std::int32_t>(f, total, Domain{-9, 9, 1}, 0);
  check_fold<bool>(f, total, Domain{0, 1, 1}, 0);
}
TEST_CASE("sum: integers are summed in int64, 16-bit floats in float", "[op][sum]") {
  const tn::Tensor<std::uint8_t, 3> x = {255, 255, 255};
  CHECK(tn::sum(x).item() == 765);
  const tn::Tensor<std::int32_t, 2> big = {2147483647, 2147483647};
  CHECK(tn::sum(big).item() == 4294967294);
  tn::Tensor<tn::bfloat16, 1000> half;
  half.mut().fill(tn::bfloat16(1.0f));
  CHECK(tn::sum(half).item() == 1000.0f);
}
TEST_CASE("sum: integers wrap round on overflow, along any axis", "[op][sum]") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max(),
                         least = std::numeric_limits<std::int64_t>::min();
  tn::Tensor<std::int64_t, 2, 2> x;
  {
    auto m = x.mut();
    m(0, 0) = m(1, 0) = m(1, 1) = most;
    m(0, 1) = 1;
  }
  const tn::Tensor down = tn::sum(x, tn::axis<0>), along = tn::sum(x, tn::axis<1>);
  CHECK(down.to_vector() == std::vector<std::int64_t>{-2, least});
  CHECK(along.to_vector() == std::vector<std::int64_t>{least, -2});
  CHECK(tn::sum(x).item() == most - 1);  // 3 (2^63 - 1) + 1 = 2^63 - 2 modulo 2^64
}
TEST_CASE("sum: 16M floats within 1e-7 of the sum of their sizes", "[op][sum]") {
  const Index n = Index{1} << 24;
  auto x = tn::Uninit<float, tn::dyn>(tn::Shape<tn::dyn>(n)).init_with([](Index i) {
    return (i % 3 == 0 ? -1.0f : 1.0f) / static_cast<float>(1 + i % 1000);
  });
  double want = 0, sizes = 0;  // 2^24 additions lose 2^-29 of the sizes at most
  for (const float v : x) want += static_cast<double>(v), sizes += std::abs(static_cast<double>(v));
  CHECK(std::abs(static_cast<double>(tn::sum(x).item()) - want) < 1e-7 * sizes);
}

}  // namespace tenon_test
