// What argmax and argmin share: the search for an index.
#pragma once

#include "tenon/kernel/argmax.hpp"
#include "tenon/shape/layout.hpp"
#include "tenon/shape/walk.hpp"
#include "tenon/tensor/reduce.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI {

/// y = index of the element that `Which` likes best, among the dimensions in A counted together in row-major order.
template <class Which, rows::Axes A, bool Keep> struct IndexOf {
  static constexpr std::string_view name = Which::name;
  static constexpr auto derivative = Derivative::none;
  using dtype = std::int64_t;

  template <class S> auto shape(Loc at, const S& x) const {
    if (evaluation::folded_count(x, A) == 0) [[unlikely]]
      throw ShapeError(at, "tenon::" + std::string(name) + ": no elements to choose from in shape " + to_string(x),
                       "check the shape, or give an axis that is not empty");
    return detail::ReducedShape<S, A, Keep>::of(x);
  }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    if constexpr (kernel::has_lanes<std::remove_cvref_t<decltype(*x.data)>> && adjacent)
      if (without_gaps(x) && on_lanes(x, y.data)) return;
    search(x, y.data);
  }

 private:
  static constexpr unsigned lowest = static_cast<unsigned>(__builtin_ctz(A | 1u << max_rank));
  /// Whether the folded dimensions are neighbours: then they are one.
  static constexpr bool adjacent = A != 0 && (((A >> lowest) + 1) & (A >> lowest)) == 0;

  template <class X> static bool without_gaps(const X& x) {
    Index stride = 1;
    for (std::size_t d = x.extent.size(); d-- > 0; stride *= x.extent[d])
      if (x.extent[d] > 1 && x.stride[d] != stride) return false;
    return true;
  }
  template <class X> static bool on_lanes(const X& x, std::int64_t* to) {
    using Kernel = kernel::ArgExtreme<Which::largest, std::remove_cvref_t<decltype(*x.data)>>;
    Index outer = 1, n = 1, inner = 1;
    for (std::size_t d = 0; d < x.extent.size(); ++d) ((A >> d) & 1u ? n : d < lowest ? outer : inner) *= x.extent[d];
    if (inner == 1) {
      simd::parallel_for(outer, kernel::line_grain(n), [=](Index first, Index last) {
        for (Index i = first; i < last; ++i) to[i] = Kernel::line(n, x.data + i * n);
      });
      return true;
    }
    if (n >= Index{1} << 24) return false;
    for (Index o = 0; o < outer; ++o)
      for (Index j = 0; j < inner; j += Kernel::width)
        Kernel::columns(n, inner, inner - j < Kernel::width ? inner - j : Kernel::width, x.data + o * n * inner + j,
                        to + o * inner + j);
    return true;
  }
  /// Any type and layout, one element at a time.
  template <class X> static void search(const X& x, std::int64_t* to) {
    using C = primal_t<compute_t<std::remove_cvref_t<decltype(*x.data)>>>;
    for_each_offset(
        x.extent, all_dims(x.extent.size()) & ~A,
        [&](Index start) {
          std::int64_t at = 0, best_at = 0;
          C best = number(x.data[start]);
          for_each_offset(
              x.extent, A,
              [&](Index i) {
                const C v = number(x.data[start + i]);
                if (Which::better(v, best)) (best = v, best_at = at);
                ++at;
              },
              x.stride);
          *to++ = best_at;
        },
        x.stride);
  }

  template <class T> static auto number(T x) {
    if constexpr (is_dual_v<T>) return number(x.value);
    else return static_cast<compute_t<T>>(x);
  }
};

namespace detail {

template <class Which, tensor_like X> auto index_of(X&& x, Loc at = {}) {
  return structured(IndexOf<Which, evaluation::all_axes<shape_of_t<X>>(), false>{}, at, std::forward<X>(x));
}
template <class Which, tensor_like X> auto index_of(X&& x, KeepDims, Loc at = {}) {
  return structured(IndexOf<Which, evaluation::all_axes<shape_of_t<X>>(), true>{}, at, std::forward<X>(x));
}
template <class Which, tensor_like X, int... D> auto index_of(X&& x, Axis<D...>, Loc at = {}) {
  return structured(IndexOf<Which, axes_of<shape_of_t<X>::rank>(Axis<D...>{}), false>{}, at, std::forward<X>(x));
}
template <class Which, tensor_like X, int... D> auto index_of(X&& x, Axis<D...>, KeepDims, Loc at = {}) {
  return structured(IndexOf<Which, axes_of<shape_of_t<X>::rank>(Axis<D...>{}), true>{}, at, std::forward<X>(x));
}

}  // namespace detail
}  // namespace tenon::inline TENON_ABI
