#include "tenon/op/tanh.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("tanh: value and derivatives follow long double", "[op][tanh]") {
  check_elementwise<tn::Tanh>([](const auto& x) { return tn::tanh(x); }, [](long double x) { return std::tanh(x); },
                              Accuracy{1.8}, Domain{-3, 3});
}
TEST_CASE("tanh: saturates with derivative 0, keeps NaN", "[op][tanh]") {
  check_edges<tn::Tanh, 1>({{{inf}, 1, {0}}, {{-inf}, -1, {0}}, {{100}, 1, {0}}, {{0}, 0, {1}}, {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
