// equal(a, b), allclose(a, b): whether two tensors hold the same, as one bool.
#pragma once

#include <cmath>

#include "tenon/shape/walk.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

/// Calls f(x, y) on elements at the same index until it returns false. Pre: equal extents.
template <class A, class B, std::size_t R, class F>
bool all_pairs(const std::array<Index, R>& extent, const A* a, const std::array<Index, R>& stride_a, const B* b,
               const std::array<Index, R>& stride_b, F f) {
  bool all = true;
  for_each_offset(
      extent, all_dims(R), [&](Index i, Index j) { all = all && f(a[i], b[j]); }, stride_a, stride_b);
  return all;
}
template <class X> auto checked_leaf(X&& x, std::string_view op, Loc at) {
  auto l = build::factor<dtype_of_t<X>>(std::forward<X>(x), at);
  l.check(op, at);
  return l;
}
template <class A> bool close_elements(A a, A b, double relative, double absolute, bool equal_nan) {
  using C = compute_t<A>;
  const C x = static_cast<C>(a), y = static_cast<C>(b);
  if (x == y) return true;  // infinities too
  if constexpr (std::is_floating_point_v<C>) {
    if (x != x || y != y) return equal_nan && x != x && y != y;
    const double difference = std::abs(static_cast<double>(x) - static_cast<double>(y)),
                 size = std::abs(static_cast<double>(y));
    return std::isfinite(static_cast<double>(x)) && std::isfinite(size) && difference <= absolute + relative * size;
  } else {
    const long double difference = static_cast<long double>(x) - static_cast<long double>(y);  // holds any int64
    return static_cast<double>(difference < 0 ? -difference : difference) <=
           absolute + relative * std::abs(static_cast<double>(y));
  }
}

}  // namespace detail

/// Whether a and b have the same shape and bit for bit the same elements: NaN equals the same NaN, 0 does not equal -0.
/// a, b: tensors, views, values, parameters or expressions of one dtype.
template <tensor_like A, tensor_like B> bool equal(A&& a, B&& b, Loc at = Loc::current()) {
  using T = dtype_of_t<A>;
  static_assert(std::is_same_v<T, dtype_of_t<B>>, "tenon::equal: the dtypes differ; write cast<T>(x) on one of them");
  const auto x = detail::checked_leaf(std::forward<A>(a), "equal", at);
  const auto y = detail::checked_leaf(std::forward<B>(b), "equal", at);
  if constexpr (shape_of_t<A>::rank != shape_of_t<B>::rank) {
    return false;
  } else {
    const auto extent = x.shape().extents();
    return extent == y.shape().extents() &&
           detail::all_pairs(extent, x.data(), x.strides(), y.data(), y.strides(),
                             [](const T& p, const T& q) { return std::memcmp(&p, &q, sizeof(T)) == 0; });
  }
}

/// Whether |a - b| <= atol + rtol |b| at every element, as NumPy and PyTorch have it. Infinities of one sign are close,
/// and NaN to NaN with equal_nan. a, b: as for equal; b may be a number.
/// Throws:  ShapeError when the shapes differ: nothing is broadcast, for in a test that hides mistakes
template <tensor_like A, tensor_like B>
bool allclose(A&& a, B&& b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false, Loc at = Loc::current()) {
  using T = dtype_of_t<A>;
  static_assert(std::is_same_v<T, dtype_of_t<B>>,
                "tenon::allclose: the dtypes differ; write cast<T>(x) on one of them");
  require_same_shape<shape_of_t<A>, shape_of_t<B>>();
  const auto x = detail::checked_leaf(std::forward<A>(a), "allclose", at);
  const auto y = detail::checked_leaf(std::forward<B>(b), "allclose", at);
  const auto extent = x.shape().extents();
  if (extent != y.shape().extents())
    throw ShapeError(at, "tenon::allclose: shapes " + to_string(x.shape()) + " and " + to_string(y.shape()) + " differ",
                     "compare tensors of one shape; broadcast_to(x, shape) repeats");
  return detail::all_pairs(extent, x.data(), x.strides(), y.data(), y.strides(),
                           [&](T p, T q) { return detail::close_elements(p, q, rtol, atol, equal_nan); });
}
template <tensor_like A, number B>
bool allclose(A&& a, B b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false, Loc at = Loc::current()) {
  using T = dtype_of_t<A>;
  const auto x = detail::checked_leaf(std::forward<A>(a), "allclose", at);
  const auto value = static_cast<T>(static_cast<compute_t<T>>(b));
  const Strides<shape_of_t<A>::rank> still{};
  return detail::all_pairs(x.shape().extents(), x.data(), x.strides(), &value, still,
                           [&](T p, T q) { return detail::close_elements(p, q, rtol, atol, equal_nan); });
}

}  // namespace tenon::inline TENON_ABI
