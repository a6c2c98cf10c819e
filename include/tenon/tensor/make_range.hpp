// arange(first, last, step), linspace(first, last, n)
#pragma once

#include <cmath>
#include <cstdio>

#include "tenon/tensor/make.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

/// The dtype of arange's result when none is asked for: int64 for integers, else that of the numbers.
template <class T, class... A> struct RangeDtype { using type = T; };
template <class... A> struct RangeDtype<void, A...> {
  using Common = std::common_type_t<A...>;
  using type = std::conditional_t<std::is_integral_v<Common>, std::int64_t, Common>;
};

[[noreturn]] TENON_COLD inline void refuse_range(double first, double last, double step, Loc at) {
  char text[96];
  std::snprintf(text, sizeof text, "from %g to %g by %g", first, last, step);
  throw ValueError(at, "tenon::arange: " + std::string(text) + " is no finite number of steps",
                   "give finite ends and a step that leads from one to the other");
}
template <class A> Index range_count(A first, A last, A step, Loc at) {
  if constexpr (std::is_integral_v<A>) {
    if (step == 0)
      throw ValueError(at, "tenon::arange: a step of 0", "give a step that is not 0, or linspace(first, last, n)");
    // In unsigned numbers, where the distance of any two int64 fits.
    const auto low = static_cast<std::uint64_t>(step > 0 ? first : last),
               high = static_cast<std::uint64_t>(step > 0 ? last : first);
    if (step > 0 ? first >= last : first <= last) return 0;
    const std::uint64_t by =
        step > 0 ? static_cast<std::uint64_t>(step) : std::uint64_t{0} - static_cast<std::uint64_t>(step);
    const std::uint64_t n = (high - low - 1) / by + 1;
    if (n > static_cast<std::uint64_t>(PTRDIFF_MAX))
      throw ShapeError(at, "tenon::arange: " + std::to_string(n) + " elements are more than an Index counts",
                       "give a larger step, or ends that are nearer");
    return static_cast<Index>(n);
  } else {
    const A n = std::ceil((last - first) / step);
    if (!(std::isfinite(first) && std::isfinite(last) && std::isfinite(step) && step != 0) ||
        !(std::abs(n) < A(0x1p62)))
      refuse_range(static_cast<double>(first), static_cast<double>(last), static_cast<double>(step), at);
    return n > 0 ? static_cast<Index>(n) : 0;
  }
}
template <class T, class A> struct FillRange {
  A first, step;
  template <class S> void operator()(T* p, const S& shape) const {
    for (Index i = 0; i < shape[0]; ++i) {
      if constexpr (std::is_integral_v<A>)  // wraps, so that the steps after the last one cannot overflow
        p[i] = static_cast<T>(static_cast<A>(static_cast<std::uint64_t>(first) +
                                             static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(step)));
      else p[i] = static_cast<T>(first + static_cast<A>(i) * step);
    }
  }
};
template <class T, class Place, class... A> auto arange(Place&& place, Loc at, A... a) {
  using R = typename RangeDtype<T, A...>::type;
  constexpr bool whole = (std::is_integral_v<A> && ...);
  static_assert(!std::is_integral_v<R> || whole,
                "tenon::arange: integers from fractional numbers; ask for float, or cast the result");
  static_assert(!std::is_same_v<R, bool>, "tenon::arange: counts, so not of bool");
  using C = std::conditional_t<whole, std::int64_t, double>;
  const C x[] = {static_cast<C>(a)...};
  constexpr std::size_t n = sizeof...(A);
  const C first = n == 1 ? C(0) : x[0], last = x[n == 1 ? 0 : 1], step = n == 3 ? x[n - 1] : C(1);
  const Shape<dyn> shape(range_count(first, last, step, at));
  return place.template make<R>(
      shape,
      [&](R* p) {
        FillRange<R, C>{first, step}(p, shape);
      },
      at);
}

template <class T> struct FillLinear {
  double first, last;
  template <class S> void operator()(T* p, const S& shape) const {
    const Index n = shape[0];
    const double gaps = static_cast<double>(n - 1), half = last / 2 - first / 2;  // halves: last - first may overflow
    for (Index i = 0; i < n; ++i) {  // each half from its own end, so that both ends are exact and the middle symmetric
      const Index back = n - 1 - i;
      const bool front = i <= back;
      const double part = front ? static_cast<double>(i) / gaps : static_cast<double>(back) / gaps;
      p[i] = static_cast<T>(n == 1 ? first : front ? first + 2 * part * half : last - 2 * part * half);
    }
  }
};
template <class T, class Place, class S>
auto linspace(Place&& place, double first, double last, const S& shape, Loc at) {
  static_assert(!std::is_integral_v<T>, "tenon::linspace: needs a floating dtype");
  return place.template make<T>(
      shape,
      [&](T* p) {
        FillLinear<T>{first, last}(p, shape);
      },
      at);
}

}  // namespace detail

/// first, first + step, ... before last (excluded); from 0 by 1 where not said. Rank 1. arange<float>(0, 1, 0.1) gives
/// floats; without <T> the dtype is that of the numbers, int64 for integers, as NumPy. Element i is first + i step in
/// double, rounded once; integers are exact. As many elements as NumPy: ceil((last - first) / step).
/// Throws:  ValueError for a step of 0, infinity or NaN
template <class T = void, number... A>
requires(sizeof...(A) >= 1 && sizeof...(A) <= 3) auto arange(A... a) {
  return detail::arange<T>(detail::Heap{}, Loc{}, a...);
}
template <class T = void, frame_like F, number... A>
requires(sizeof...(A) >= 1 && sizeof...(A) <= 3) auto arange(F& frame, A... a) {
  return detail::arange<T>(frame, Loc{}, a...);
}
/// 0, 1, ..., N - 1, of a static extent: arange<float, 5>().
template <class T, Index N> auto arange() {
  return detail::Heap{}.make<T>(
      Shape<N>{},
      [](T* p) {
        detail::FillRange<T, std::int64_t>{0, 1}(p, Shape<N>{});
      },
      Loc{});
}
template <class T, Index N, frame_like F> auto arange(F& frame) {
  return frame.template make<T>(
      Shape<N>{},
      [](T* p) {
        detail::FillRange<T, std::int64_t>{0, 1}(p, Shape<N>{});
      },
      Loc{});
}

/// n numbers from first to last, both included and exact, evenly spaced: linspace<float>(0, 1, n), linspace<float,
/// 5>(0, 1). Rank 1. Computed in double and rounded once; symmetric about the middle.
template <class T, std::integral N> auto linspace(double first, double last, N n, Loc at = Loc::current()) {
  return detail::linspace<T>(detail::Heap{}, first, last, Shape<dyn>(n), at);
}
template <class T, frame_like F, std::integral N>
auto linspace(F& frame, double first, double last, N n, Loc at = Loc::current()) {
  return detail::linspace<T>(frame, first, last, Shape<dyn>(n), at);
}
template <class T, Index N> auto linspace(double first, double last, Loc at = Loc::current()) {
  return detail::linspace<T>(detail::Heap{}, first, last, Shape<N>{}, at);
}
template <class T, Index N, frame_like F> auto linspace(F& frame, double first, double last, Loc at = Loc::current()) {
  return detail::linspace<T>(frame, first, last, Shape<N>{}, at);
}

}  // namespace tenon::inline TENON_ABI
