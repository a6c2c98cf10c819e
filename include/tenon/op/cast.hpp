// cast<T>(x)
#pragma once

#include <limits>

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

namespace detail {
/// What To becomes when the operand holds duals.
template <class A, class To> struct CastDtype { using type = To; };
template <class A, class To>
requires(std::is_floating_point_v<compute_t<To>>) struct CastDtype<Dual<A>, To> {
  using type = Dual<typename CastDtype<A, compute_t<To>>::type>;
};

/// A number as a T. Fractional ones out of an integer's range go to the nearest, NaN to 0: C++ leaves both open.
template <class T, class A> T cast_number(A x) {
  if constexpr (std::is_same_v<T, bool>) {
    return x != A(0);
  } else if constexpr (std::is_floating_point_v<A> && std::is_integral_v<T>) {
    // Powers of two, so exact in A: the first number too large, and the lowest T.
    constexpr A above = A(2) * static_cast<A>(std::numeric_limits<T>::max() / 2 + 1),
                lowest = static_cast<A>(std::numeric_limits<T>::lowest());
    if (x != x) return T(0);
    return x >= above   ? std::numeric_limits<T>::max()
           : x < lowest ? std::numeric_limits<T>::lowest()
                        : static_cast<T>(x);
  } else {
    return static_cast<T>(x);
  }
}
/// Lanes of L as lanes for To (bool, L, or a 16-bit type that rounds them).
template <class To, class L> auto cast_lanes(simd::Batch<L> x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != simd::Batch<L>(L(0));
  } else if constexpr (is_half_v<To>) {
    alignas(64) L lanes[simd::Batch<L>::size];
    x.store_aligned(lanes);
    for (L& lane : lanes) lane = static_cast<L>(static_cast<float>(static_cast<To>(lane)));
    return simd::Batch<L>::load_aligned(lanes);
  } else {
    return x;
  }
}
template <class To, class L> auto cast_lanes(simd::Mask<L> x) {
  if constexpr (std::is_same_v<To, bool>) return x;
  else return select(x, simd::Batch<L>(L(1)), simd::Batch<L>(L(0)));
}

/// Between floating dtypes the gradient passes; integers and bool are data.
template <bool Floating> struct CastRule { static constexpr auto derivative = Derivative::none; };
template <> struct CastRule<true> {
  static constexpr auto derivative_reads = Reads::nothing;
  template <int, class D, class X, class Y> static X pull(D dy, X, Y) { return static_cast<X>(dy); }
};
}  // namespace detail

/// y = x as elements of dtype To.
/// Shapes:     y has the shape of x
/// Derivative: 1 between floating dtypes; none to an integer or bool
/// Accuracy:   rounds to nearest; a fractional number to an integer towards 0, where NaN gives 0 and what is out of
///             range the nearest one; an integer to a narrower one wraps round; to bool, everything but 0 is true
/// Throws:     nothing
template <element To> struct Cast : detail::CastRule<std::is_floating_point_v<compute_t<To>>> {
  static constexpr std::string_view name = "cast";
  template <class A> using dtype = typename detail::CastDtype<A, To>::type;
  template <class X> static auto value(X x) {
    if constexpr (std::is_arithmetic_v<X>) return static_cast<compute_t<To>>(detail::cast_number<To>(x));
    else return detail::cast_lanes<To>(x);
  }
};
template <element To, class X>
requires operands<X>
auto cast(X&& x) { return apply<Cast<To>>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
