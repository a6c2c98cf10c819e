// gradcheck of an op in every arrangement of its operands: what each op's gradient test calls.
#pragma once

#include <cmath>

#include "tenon/autodiff/gradcheck.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"

namespace tenon_test {

namespace tn = tenon;
using tn::dyn;
using tn::Index;
using Matrix = tn::Tensor<double, dyn, dyn>;
using MatrixView = tn::View<double, dyn, dyn>;

/// Values in [low, high], spread evenly; multiples of `step` plus `offset` when that is not 0, so that two operands with
/// other offsets are never close, or values that all differ by `step` when `distinct`.
struct Points {
  double low, high, step = 0, offset = 0;
  bool distinct = false;
  double at(Index k, Index n) const {
    if (distinct) return low + step * static_cast<double>(k * 37 % (n % 37 == 0 ? n + 1 : n));
    const double f = 0.6180339887498949 * static_cast<double>(k + 1) + offset,
                 x = low + (high - low) * (f - std::floor(f));
    return step > 0 ? std::nearbyint(x / step) * step + offset : x;
  }
};
template <class T> T& fill(T& x, const Points& p) {
  auto w = x.mut();
  for (Index i = 0; i < x.size(); ++i) w.data()[i] = p.at(i, x.size());
  return x;
}
inline Matrix matrix_of(Index n, Index m, const Points& p) {
  Matrix x({n, m});
  fill(x, p);
  return x;
}
/// n x m elements that lie in memory column by column.
struct Transposed {
  Matrix columns;
  Transposed(Index n, Index m, const Points& p) : columns(matrix_of(m, n, p)) {}
  MatrixView view() const {
    return {columns.data(), {columns.shape()[1], columns.shape()[0]}, {1, columns.shape()[1]}, columns.stamp()};
  }
};

template <class F, class... X> void check_first(const F& f, const X&... x) {
  const auto report = tn::gradcheck(f, x...);
  INFO(to_string(report));
  CHECK(report);
}
template <class F, class... X> void check_second(const F& f, const X&... x) {
  const auto report = tn::gradgradcheck(tn::GradcheckOptions{.tolerance = 1e-7}, f, x...);
  INFO(to_string(report));
  CHECK(report);
}

inline constexpr Index large[2] = {67, 64};  // more elements than one fold block

/// f(x) of an elementwise op in any size.
template <class F> void check_unary_gradient(F f, Points p) {
  constexpr Index sizes[][2] = {{0, 3}, {1, 1}, {3, 5}, {large[0], large[1]}};
  for (const auto& s : sizes) {
    const Matrix x = matrix_of(s[0], s[1], p);
    check_first(f, x);
    check_second(f, x);
  }
}

/// What does not depend on the op but on what its derivative reads: sum(f(x)) in one pass; f(x) * c where c is a transposed
/// view and x one row, one column or one number of it.
template <class F> void check_unary_arrangements(F f, Points p) {
  constexpr Index sizes[][2] = {{0, 3}, {1, 1}, {3, 5}, {large[0], large[1]}};
  for (const auto& s : sizes) check_first([&](const auto& y) { return tn::sum(f(y)); }, matrix_of(s[0], s[1], p));
  const Transposed c(3, 5, {-2, 2});
  constexpr Index parts[][2] = {{3, 5}, {1, 5}, {3, 1}, {1, 1}};
  for (const auto& s : parts) check_first([&](const auto& x) { return f(x) * c.view(); }, matrix_of(s[0], s[1], p));
}

inline constexpr Index pairs[][4] = {{0, 3, 1, 3},
                                     {1, 1, 1, 1},
                                     {3, 5, 3, 5},
                                     {3, 5, 1, 5},
                                     {1, 5, 3, 5},
                                     {3, 5, 3, 1},
                                     {3, 1, 3, 5},
                                     {3, 5, 1, 1},
                                     {1, 1, 3, 5},
                                     {3, 1, 1, 5},
                                     {large[0], large[1], large[0], large[1]},
                                     {1, large[1], large[0], large[1]}};

/// f(x, y): same shapes, each side one row, one column or one number of the other.
template <class F> void check_binary_gradient(F f, Points px, Points py) {
  for (const auto& s : pairs) {
    INFO("shapes " << s[0] << " x " << s[1] << " and " << s[2] << " x " << s[3]);
    const Matrix x = matrix_of(s[0], s[1], px), y = matrix_of(s[2], s[3], py);
    check_first(f, x, y);
    check_second(f, x, y);
  }
}

/// What does not depend on the op but on what its derivative reads: sum(f(x, y)) in one pass; each side a transposed view;
/// columns and numbers whose type says so, on both sides.
template <class F> void check_binary_arrangements(F f, Points px, Points py) {
  for (const auto& s : pairs) {
    INFO("shapes " << s[0] << " x " << s[1] << " and " << s[2] << " x " << s[3]);
    check_first([&](const auto& a, const auto& b) { return tn::sum(f(a, b)); }, matrix_of(s[0], s[1], px),
                matrix_of(s[2], s[3], py));
  }
  const Transposed cx(3, 5, px), cy(3, 5, py);
  constexpr Index parts[][2] = {{3, 5}, {1, 5}, {3, 1}, {1, 1}};
  for (const auto& s : parts)
    check_first([&](const auto& x, const auto& y) { return f(x, cy.view()) * f(cx.view(), y); },
                matrix_of(s[0], s[1], px), matrix_of(s[0], s[1], py));
  tn::Tensor<double, dyn, 1> column_x({3, 1}), column_y({3, 1});
  tn::Tensor<double> number_x(px.at(0, 1)), number_y(py.at(0, 1));
  fill(column_x, px), fill(column_y, py);
  const Matrix x = matrix_of(3, 5, px), y = matrix_of(3, 5, py);
  check_first([&](const auto& a, const auto& b, const auto& c) { return f(a, b) * f(c, y); }, x, column_y, number_x);
  check_first([&](const auto& a, const auto& b, const auto& c) { return f(a, b) * f(x, c); }, column_x, y, number_y);
}

/// A reduction over everything, along rows and along columns, with and without keeping dimensions.
template <class F> void check_fold_gradient(F f, Points p, bool empty = false) {
  constexpr Index sizes[][2] = {{0, 3}, {1, 1}, {3, 5}, {1, 9}, {7, 1}, {large[0], large[1]}};
  for (const auto& s : sizes) {
    if (s[0] == 0 && !empty) continue;
    INFO(s[0] << " x " << s[1]);
    const Matrix x = matrix_of(s[0], s[1], p);
    const auto all = [&](const auto& y) { return f(y); };
    const auto rows = [&](const auto& y) { return f(y, tn::axis<-1>, tn::keep_dims); };
    check_first(all, x);
    check_second(all, x);
    check_first(rows, x);
    check_second(rows, x);
    check_first([&](const auto& y) { return f(y, tn::axis<0>); }, x);
  }
}
/// A reduction of a fused expression that reads a transposed view and broadcasts.
template <class F> void check_fold_arrangements(F f, Points p) {
  const Transposed c(3, 5, {0.5, 1.5});
  check_first([&](const auto& y) { return f(y * c.view(), tn::axis<0>); }, matrix_of(3, 5, p));
  check_first([&](const auto& y) { return f(y * c.view(), tn::axis<1>); }, matrix_of(3, 1, p));
  check_first([&](const auto& y) { return f(y * c.view()); }, matrix_of(1, 5, p));
}

}  // namespace tenon_test
