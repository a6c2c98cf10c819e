#include "tenon/op/all.hpp"
#include "tenon/op/any.hpp"
#include "tenon/op/greater.hpp"
#include "tests/op/fold_check.hpp"

namespace tenon_test {

TEST_CASE("any, all: over any axes; of nothing false and true", "[op][any_all]") {
  check_fold<bool>([](const auto& x, auto... options) { return tn::any(x, options...); },
                   [](const std::vector<long double>& x) {
                     for (const long double v : x)
                       if (v != 0) return 1.0L;
                     return 0.0L;
                   },
                   Domain{0, 0.9, 1}, 0);
  check_fold<bool>([](const auto& x, auto... options) { return tn::all(x, options...); },
                   [](const std::vector<long double>& x) {
                     for (const long double v : x)
                       if (v == 0) return 0.0L;
                     return 1.0L;
                   },
                   Domain{0.2, 1, 1}, 0);
}
TEST_CASE("any, all: of masks that the loop makes, remainders included", "[op][any_all]") {
  for (const Index n : {1, 3, 8, 17, 33, 1000}) {
    tn::Tensor<float, tn::dyn> x({n});
    x.mut().fill(1);
    CHECK(tn::all(x > 0).item());
    CHECK_FALSE(tn::any(x > 1).item());
    x.mut()(n - 1) = 2;
    CHECK(tn::any(x > 1).item());
    x.mut()(n - 1) = 0;
    CHECK_FALSE(tn::all(x > 0).item());
  }
}

}  // namespace tenon_test
