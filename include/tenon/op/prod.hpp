// prod(x), prod(x, axis<...>)
#pragma once

#include "tenon/shape/walk.hpp"
#include "tenon/tensor/reduce.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI {

/// Product over all dimensions, or those named: prod(x), prod(x, axis<0>), prod(x, axis<0, -1>, keep_dims).
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      that of x; int64 for integers and bool (overflow wraps round, as NumPy), float for the 16-bit types
/// Derivative: for each element the product of the others, so right with any number of zeros and without division
/// Accuracy:   one rounding a factor
/// Empty:      1
template <rows::Axes A, bool Keep, class T> struct Prod {
  static constexpr std::string_view name = "prod";
  using dtype = T;

  template <class S> auto shape(Loc, const S& x) const { return detail::ReducedShape<S, A, Keep>::of(x); }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    T* to = y.data;
    for_each_offset(
        x.extent, kept(x),
        [&](Index start) {
          Wrap p(1);
          for_each_offset(
              x.extent, A, [&](Index i) { p = p * static_cast<Wrap>(as_factor(x.data[start + i])); }, x.stride);
          *to++ = static_cast<T>(p);
        },
        x.stride);
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X x, DX dx) const {
    if (!dx) return;
    if constexpr (is_dual_v<T> || std::is_floating_point_v<T>) {
      const Index n = count_of(x.extent, A);
      const memory::Scratch scratch(n * static_cast<Index>(sizeof(T)));
      T* after = reinterpret_cast<T*>(scratch.bytes());  // the factors, then the products of all later ones
      const T* seed = dy.data;
      for_each_offset(
          x.extent, kept(x),
          [&](Index start, Index to) {
            Index k = 0;
            for_each_offset(
                x.extent, A, [&](Index i) { after[k++] = as_factor(x.data[start + i]); }, x.stride);
            T later(1);
            while (k-- > 0) {
              const T factor = after[k];
              after[k] = later;
              later = later * factor;
            }
            T before = *seed++;
            k = 0;
            for_each_offset(
                x.extent, A,
                [&](Index i, Index j) {
                  T& d = dx.data[to + j];
                  const T mine = before * after[k++];
                  d = dx.mode == Write::add ? d + mine : mine;
                  before = before * as_factor(x.data[start + i]);
                },
                x.stride, dx.stride);
          },
          x.stride, dx.stride);
    }
  }

 private:
  using Wrap = rule::wrapping_t<T>;
  template <class X> static rows::Axes kept(const X& x) { return all_dims(x.extent.size()) & ~A; }
  template <class E> static T as_factor(E x) {
    if constexpr (is_half_v<E>) return T(static_cast<float>(x));
    else return static_cast<T>(x);
  }
};

namespace detail {
template <rows::Axes A, bool Keep, class X> auto prod_over(X&& x, Loc at) {
  return structured(Prod<A, Keep, accumulate_t<dtype_of_t<X>>>{}, at, std::forward<X>(x));
}
}  // namespace detail

template <tensor_like X> auto prod(X&& x, Loc at = Loc::current()) {
  return detail::prod_over<evaluation::all_axes<shape_of_t<X>>(), false>(std::forward<X>(x), at);
}
template <tensor_like X> auto prod(X&& x, KeepDims, Loc at = Loc::current()) {
  return detail::prod_over<evaluation::all_axes<shape_of_t<X>>(), true>(std::forward<X>(x), at);
}
template <tensor_like X, int... D> auto prod(X&& x, Axis<D...>, Loc at = Loc::current()) {
  return detail::prod_over<detail::axes_of<shape_of_t<X>::rank>(Axis<D...>{}), false>(std::forward<X>(x), at);
}
template <tensor_like X, int... D> auto prod(X&& x, Axis<D...>, KeepDims, Loc at = Loc::current()) {
  return detail::prod_over<detail::axes_of<shape_of_t<X>::rank>(Axis<D...>{}), true>(std::forward<X>(x), at);
}

}  // namespace tenon::inline TENON_ABI
