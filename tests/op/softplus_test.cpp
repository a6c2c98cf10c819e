#include "tenon/op/softplus.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("softplus: value and derivatives follow long double", "[op][softplus]") {
  check_elementwise<tn::Softplus>([](const auto& x) { return tn::softplus(x); },
                                  [](long double x) { return std::log1p(std::exp(x)); }, Accuracy{1.8}, Domain{-5, 5});
}
TEST_CASE("softplus: no overflow", "[op][softplus]") {
  check_edges<tn::Softplus, 1>({{{inf}, inf, {1}}, {{-inf}, 0, {0}}, {{1000}, 1000, {1}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
