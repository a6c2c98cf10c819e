#include "tenon/nn/group_norm.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
using Cube = tn::Tensor<double, dyn, dyn, dyn>;
using Vector = tn::Tensor<double, dyn>;

Cube cube(Index n, Index c, Index m) {
  Cube x({n, c, m});
  fill(x, {-2, 2});
  return x;
}
Vector channels(Index n, double low, double high) {
  Vector v({n});
  fill(v, {low, high});
  return v;
}
}  // namespace

TEST_CASE("batch_norm: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  const auto f = [](const auto& x, const auto& w, const auto& b) { return tn::batch_norm(x, w, b, {.epsilon = 0.1}); };
  const auto given = [](const auto& x, const auto& w, const auto& b, const auto& m, const auto& v) {
    return tn::batch_norm(x, w, b, m, v);
  };
  for (const auto& s : {std::array<Index, 3>{3, 2, 4}, {4, 3, 1}, {0, 2, 3}, {2, 2, 0}}) {
    INFO("shape " << s[0] << ", " << s[1] << ", " << s[2]);
    const Cube x = cube(s[0], s[1], s[2]);
    const Vector w = channels(s[1], 0.5, 2), b = channels(s[1], -1, 1);
    check_first(f, x, w, b);
    check_second(f, x, w, b);
    check_first(given, x, w, b, b, w);
  }
  const Cube x = cube(2, 2, 3);
  const Vector w = channels(2, 0.5, 2);
  check_second(given, x, w, w, w, w);
  check_first([](const auto& a, const auto& v) { return tn::batch_norm(a, v, v) * a; }, x, w);  // v twice, dx added to
}
TEST_CASE("group_norm: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  const Vector w = channels(4, 0.5, 2), b = channels(4, -1, 1);
  for (const Index groups : {1, 2, 4}) {
    const auto f = [&](const auto& x, const auto& v, const auto& u) { return tn::group_norm(x, v, u, groups) * x; };
    check_first(f, cube(2, 4, 3), w, b);
    check_first(f, cube(0, 4, 3), w, b);
    check_first(f, cube(3, 4, 1), w, b);
    check_second(f, cube(2, 4, 3), w, b);
    check_second(f, cube(3, 4, 1), w, b);
  }
}

}  // namespace tenon_test
