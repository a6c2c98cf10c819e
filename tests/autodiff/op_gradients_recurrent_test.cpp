#include "tenon/op/add.hpp"
#include "tenon/op/gru.hpp"
#include "tenon/op/lstm.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
using Sequence = tn::Tensor<double, dyn, dyn, dyn>;
using Vector = tn::Tensor<double, dyn>;

Sequence sequence(Index steps, Index batch, Index in) {
  Sequence x({steps, batch, in});
  fill(x, {-1, 1});
  return x;
}
Vector vector_of(Index n, double offset) {
  Vector v({n});
  fill(v, {-1, 1, 0, offset});
  return v;
}
Matrix weights(Index n, Index m, double offset) { return matrix_of(n, m, {-1, 1, 0, offset}); }
}  // namespace

TEST_CASE("lstm: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  const auto f = [](const auto& x, const auto& wi, const auto& wh, const auto& b) { return tn::lstm(x, wi, wh, b); };
  const Matrix wi = weights(2, 12, 0.1), wh = weights(3, 12, 0.2);
  const Vector b = vector_of(12, 0.3);
  check_first(f, sequence(4, 2, 2), wi, wh, b);
  check_first(f, sequence(0, 2, 2), wi, wh, b);
  check_second(f, sequence(3, 2, 2), wi, wh, b);
}
TEST_CASE("lstm: gradients through the state at both ends", "[autodiff][op_gradients]") {
  const Matrix wi = weights(2, 8, 0.1), wh = weights(2, 8, 0.2), h = weights(3, 2, 0.4), c = weights(3, 2, 0.5);
  const Vector b = vector_of(8, 0.3);
  const Sequence x = sequence(2, 3, 2);
  check_first(
      [&](const auto& w, const auto& h0, const auto& c0) {
        const auto r = tn::lstm(x, wi, w, b, h0, c0);
        return tn::sum(r.y * r.y) + tn::sum(r.h * r.c) + tn::sum(r.c * r.c);
      },
      wh, h, c);
  check_first([&](const auto& s) { return tn::lstm(x, wi, wh, b, s, s).c; }, h);  // one value as both
}
TEST_CASE("gru: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  const Matrix wi = weights(2, 9, 0.1), wh = weights(3, 9, 0.2), h = weights(2, 3, 0.6);
  const Vector bi = vector_of(9, 0.3), bh = vector_of(9, 0.4);
  const auto f = [](const auto& x, const auto& a, const auto& b, const auto& c, const auto& d, const auto& e) {
    return tn::gru(x, a, b, c, d, e);
  };
  check_first(f, sequence(4, 2, 2), wi, wh, bi, bh, h);
  check_first(f, sequence(0, 2, 2), wi, wh, bi, bh, h);
  check_second([&](const auto& x, const auto& w) { return tn::gru(x, wi, w, bi, bh); }, sequence(3, 2, 2), wh);
}

}  // namespace tenon_test
