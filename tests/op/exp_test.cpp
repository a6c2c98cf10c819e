#include "tenon/op/exp.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("exp: value and derivatives follow long double", "[op][exp]") {
  check_elementwise<tn::Exp>([](const auto& x) { return tn::exp(x); }, [](long double x) { return std::exp(x); },
                             Accuracy{1.3}, Domain{-3, 3});
}
TEST_CASE("exp: overflow, underflow, NaN", "[op][exp]") {
  check_edges<tn::Exp, 1>({{{inf}, inf, {inf}},
                           {{-inf}, 0, {0}},
                           {{1000}, inf, {inf}},
                           {{-1000}, 0, {0}},
                           {{0}, 1, {1}},
                           {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
