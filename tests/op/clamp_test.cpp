#include "tenon/op/clamp.hpp"

#include "tests/op/check.hpp"

namespace tenon_test {

TEST_CASE("clamp: value and derivatives follow long double", "[op][clamp]") {
  auto f = [](const auto& x, const auto& low, const auto& high) { return tn::clamp(x, low, high); };
  auto truth = [](long double x, long double low, long double high) { return std::min(std::max(x, low), high); };
  check_elementwise<tn::Clamp>(f, truth, Accuracy{0}, Domain{-0.9, 0.9}, Domain{-2, -1}, Domain{1, 2});
  check_elementwise<tn::Clamp>(f, truth, Accuracy{0}, Domain{-4, -2.1}, Domain{-2, -1}, Domain{1, 2});
  check_elementwise<tn::Clamp>(f, truth, Accuracy{0}, Domain{2.1, 4}, Domain{-2, -1}, Domain{1, 2});
  check_elementwise<tn::Clamp>(f, truth, Accuracy{0}, Domain{-4, 4}, Domain{5, 6}, Domain{-7, -6});
}
TEST_CASE("clamp: bounds may be numbers, integers too", "[op][clamp]") {
  auto truth = [](long double x) { return std::min(std::max(x, -1.0L), 2.0L); };
  check_values_of<float>([](const auto& x) { return tn::clamp(x, -1, 2); }, truth, Accuracy{0}, Domain{-3, 4, 0.5});
  check_values_of<std::int32_t>([](const auto& x) { return tn::clamp(x, -1, 2); }, truth, Accuracy{0},
                                Domain{-5, 5, 1});
}
TEST_CASE("clamp: the derivative is 1 on the bounds; NaN passes", "[op][clamp]") {
  check_edges<tn::Clamp, 3>({{{-1, -1, 1}, -1, {1, 0, 0}},
                             {{1, -1, 1}, 1, {1, 0, 0}},
                             {{3, -1, 1}, 1, {0, 0, 1}},
                             {{-3, -1, 1}, -1, {0, 1, 0}},
                             {{nan, -1, 1}, nan, {0, 0, 0}},
                             {{inf, -1, 1}, 1, {0, 0, 1}},
                             {{0, 2, 1}, 1, {0, 0, 1}}});
}

}  // namespace tenon_test
