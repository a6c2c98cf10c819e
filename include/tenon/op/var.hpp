// var(x), var(x, axis<...>)
#pragma once

#include "tenon/op/divide.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/subtract.hpp"
#include "tenon/op/sum.hpp"

namespace tenon::inline TENON_ABI {

/// What is taken off the number of elements before a variance divides by it: 1 for a sample (the default), 0 for a
/// whole population. var(x, axis<0>, correction(0)).
struct Correction {
  Index value = 1;
};
constexpr Correction correction(Index k) { return {k}; }

namespace detail {
template <rows::Axes A, bool Keep, class X> auto variance(X&& x, Correction c) {
  const auto h = eval(std::forward<X>(x), Loc{});
  using T = primal_t<compute_t<typename std::remove_cvref_t<decltype(h)>::dtype>>;
  const Index n = evaluation::folded_count(h.shape(), A) - c.value;
  auto squares = reduce_axes<Sum, A, Keep>(square(h - reduce_axes<Mean, A, true>(h, Loc{})), Loc{});
  return std::move(squares) / static_cast<T>(n > 0 ? n : 0);
}
}  // namespace detail

/// Variance over all dimensions, or those named: sum(square(x - mean(x))) / (n - correction), in two passes.
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims, which stands before correction(k)
/// Dtype:      that of x; float for the 16-bit types; integers and bool do not compile
/// Derivative: 2 (x - mean) / (n - correction), as the parts give it
/// Accuracy:   as sum; no cancellation, the mean is taken off first
/// Empty:      NaN, as is the variance of one element with the default correction
template <tensor_like X> auto var(X&& x, Correction c = {}) {
  return detail::variance<evaluation::all_axes<shape_of_t<X>>(), false>(std::forward<X>(x), c);
}
template <tensor_like X> auto var(X&& x, KeepDims, Correction c = {}) {
  return detail::variance<evaluation::all_axes<shape_of_t<X>>(), true>(std::forward<X>(x), c);
}
template <tensor_like X, int... D> auto var(X&& x, Axis<D...>, Correction c = {}) {
  return detail::variance<detail::axes_of<shape_of_t<X>::rank>(Axis<D...>{}), false>(std::forward<X>(x), c);
}
template <tensor_like X, int... D> auto var(X&& x, Axis<D...>, KeepDims, Correction c = {}) {
  return detail::variance<detail::axes_of<shape_of_t<X>::rank>(Axis<D...>{}), true>(std::forward<X>(x), c);
}

}  // namespace tenon::inline TENON_ABI
