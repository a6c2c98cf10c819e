#include "tenon/op/equal.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/op/greater_equal.hpp"
#include "tenon/op/less.hpp"
#include "tenon/op/less_equal.hpp"
#include "tenon/op/not_equal.hpp"
#include "tests/op/check.hpp"

namespace tenon_test {

template <class T> void check_comparisons() {
  const Domain d{-2, 2, 1};
  check_values_of<T>([](const auto& x, const auto& y) { return x == y; },
                     [](long double x, long double y) { return x == y; }, Accuracy{0}, d, d);
  check_values_of<T>([](const auto& x, const auto& y) { return x != y; },
                     [](long double x, long double y) { return x != y; }, Accuracy{0}, d, d);
  check_values_of<T>([](const auto& x, const auto& y) { return x < y; },
                     [](long double x, long double y) { return x < y; }, Accuracy{0}, d, d);
  check_values_of<T>([](const auto& x, const auto& y) { return x <= y; },
                     [](long double x, long double y) { return x <= y; }, Accuracy{0}, d, d);
  check_values_of<T>([](const auto& x, const auto& y) { return x > y; },
                     [](long double x, long double y) { return x > y; }, Accuracy{0}, d, d);
  check_values_of<T>([](const auto& x, const auto& y) { return x >= y; },
                     [](long double x, long double y) { return x >= y; }, Accuracy{0}, d, d);
}
TEST_CASE("compare: floats", "[op][compare]") { check_comparisons<float>(); }
TEST_CASE("compare: integers", "[op][compare]") { check_comparisons<std::int32_t>(); }
TEST_CASE("compare: numbers stand on either side", "[op][compare]") {
  check_values_of<double>([](const auto& x) { return 1 < x; }, [](long double x) { return 1 < x; }, Accuracy{0},
                          Domain{-2, 2, 1});
  check_values_of<double>([](const auto& x) { return x == 1; }, [](long double x) { return x == 1; }, Accuracy{0},
                          Domain{-2, 2, 1});
}
TEST_CASE("compare: NaN differs from everything", "[op][compare]") {
  const tn::Tensor<float, 2> x = {NAN, 1}, y = {NAN, NAN};
  for (const bool b : tn::Tensor(x == y)) CHECK_FALSE(b);
  for (const bool b : tn::Tensor(x <= y)) CHECK_FALSE(b);
  for (const bool b : tn::Tensor(x >= y)) CHECK_FALSE(b);
  for (const bool b : tn::Tensor(x != y)) CHECK(b);
}
TEST_CASE("compare: masks made in one loop compare with each other and with stored ones", "[op][compare]") {
  const tn::Tensor<float, 4> x = {-1, 0, 1, 2};
  const tn::Tensor<bool, 4> m = {true, false, true, true};
  CHECK(tn::Tensor((x > 0) == m).to_vector() == std::vector<bool>{false, true, true, true});
  CHECK(tn::Tensor((x > 0) != (x > 1)).to_vector() == std::vector<bool>{false, false, true, false});
}

}  // namespace tenon_test
