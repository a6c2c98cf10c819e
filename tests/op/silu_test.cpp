#include "tenon/op/silu.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("silu: value and derivatives follow long double", "[op][silu]") {
  check_elementwise<tn::Silu>([](const auto& x) { return tn::silu(x); },
                              [](long double x) { return x / (1 + std::exp(-x)); }, Accuracy{3}, Domain{-5, 5});
}
TEST_CASE("silu: large arguments", "[op][silu]") {
  check_edges<tn::Silu, 1>({{{100}, 100, {1}}, {{-1000}, 0, {0}}, {{0}, 0, {0.5}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
