#include "tenon/op/sigmoid.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("sigmoid: value and derivatives follow long double", "[op][sigmoid]") {
  check_elementwise<tn::Sigmoid>([](const auto& x) { return tn::sigmoid(x); },
                                 [](long double x) { return 1 / (1 + std::exp(-x)); }, Accuracy{2}, Domain{-5, 5});
}
TEST_CASE("sigmoid: saturates", "[op][sigmoid]") {
  check_edges<tn::Sigmoid, 1>({{{inf}, 1, {0}},
                               {{-inf}, 0, {0}},
                               {{1000}, 1, {0}},
                               {{-1000}, 0, {0}},
                               {{0}, 0.5, {0.25}},
                               {{nan}, nan, {nan}}});
}

}  // namespace tenon_test
