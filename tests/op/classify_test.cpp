#include "tenon/op/isfinite.hpp"
#include "tenon/op/isinf.hpp"
#include "tenon/op/isnan.hpp"
#include "tests/op/check.hpp"

namespace tenon_test {

template <class T> void check_classes() {
  const tn::Tensor<T, 9> x = {
      0, 1, -HUGE_VAL, HUGE_VAL, NAN, -1, std::numeric_limits<T>::max(), std::numeric_limits<T>::denorm_min(), -NAN};
  using Bools = std::vector<bool>;
  CHECK(tn::Tensor(tn::isnan(x)).to_vector() == Bools{0, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK(tn::Tensor(tn::isinf(x)).to_vector() == Bools{0, 0, 1, 1, 0, 0, 0, 0, 0});
  CHECK(tn::Tensor(tn::isfinite(x)).to_vector() == Bools{1, 1, 0, 0, 0, 1, 1, 1, 0});
}
TEST_CASE("classify: isnan, isinf, isfinite", "[op][classify]") {
  check_classes<float>();
  check_classes<double>();
}

}  // namespace tenon_test
