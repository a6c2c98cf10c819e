// What follows a product in an expression reads operands of any strides, against plain loops.
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/tensor.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {
template <class T> T counted(T t) {
  auto m = t.mut();
  for (Index i = 0; i < t.size(); ++i) m.data()[i] = static_cast<double>(i + 1);
  return t;
}
}  // namespace

TEST_CASE("epilogue: a view with gaps between batches beyond a dimension of one", "[op][epilogue]") {
  const auto p = counted(tn::Tensor<double, 2, 1, 2, 2>());
  const tn::Tensor<double, 2, 2> unit = {{1, 0}, {0, 1}};
  const auto q = counted(tn::Tensor<double, 2, 1, 3, 2>());
  const tn::Tensor z = tn::matmul(p, unit) + q(tn::all, tn::all, tn::range(0, 2), tn::all);
  for (Index i = 0; i < 2; ++i)
    for (Index r = 0; r < 2; ++r)
      for (Index c = 0; c < 2; ++c) CHECK(z(i, 0, r, c) == p(i, 0, r, c) + q(i, 0, r, c));
}

TEST_CASE("epilogue: one column of run time, of a view with any stride", "[op][epilogue]") {
  const auto a = counted(tn::Tensor<double, dyn, dyn>({4, 3}));
  const auto w = counted(tn::Tensor<double, dyn, dyn>({3, 1}));
  const auto x = counted(tn::Tensor<double, dyn, dyn>({4, 5}));
  const tn::Tensor z = tn::matmul(a, w) + x(tn::all, tn::range(0, 5, 5));
  for (Index i = 0; i < 4; ++i) {
    double sum = x(i, 0);
    for (Index k = 0; k < 3; ++k) sum += a(i, k) * w(k, 0);
    CHECK(z(i, 0) == sum);
  }
}
