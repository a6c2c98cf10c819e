// Dual numbers: a value and its derivative in one direction. Forward mode is every rule run on them.
#pragma once

#include <concepts>

#include "tenon/base/dtype.hpp"

namespace tenon::inline TENON_ABI {

/// value + tangent * e with e^2 = 0. X is a number, SIMD lanes, or a Dual again (for derivatives of derivatives).
template <class X> struct Dual {
  using value_type = X;
  X value{};
  X tangent{};

  Dual() = default;
  /// A constant: its tangent is 0.
  constexpr Dual(X v) : value(v), tangent(X(0)) {}
  constexpr Dual(X v, X t) : value(v), tangent(t) {}
  template <class A>
  requires(std::is_arithmetic_v<A> && !std::same_as<A, X>) constexpr Dual(A a)
      : value(static_cast<X>(a)), tangent(X(0)) {}
  /// A dual of another number type; the direction is the same.
  template <class A>
  requires(!std::same_as<A, X> && requires(A a) { static_cast<X>(a); }) constexpr explicit Dual(const Dual<A>& o)
      : value(static_cast<X>(o.value)), tangent(static_cast<X>(o.tangent)) {}

  friend constexpr Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.tangent + b.tangent}; }
  friend constexpr Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.tangent - b.tangent}; }
  friend constexpr Dual operator-(Dual a) { return {-a.value, -a.tangent}; }
  friend constexpr Dual operator*(Dual a, Dual b) {
    return {a.value * b.value, a.value * b.tangent + a.tangent * b.value};
  }
  friend constexpr Dual operator/(Dual a, Dual b) {
    const X q = a.value / b.value;
    return {q, (a.tangent - q * b.tangent) / b.value};
  }
  constexpr Dual& operator+=(Dual b) { return *this = *this + b; }
  constexpr Dual& operator-=(Dual b) { return *this = *this - b; }
  constexpr Dual& operator*=(Dual b) { return *this = *this * b; }

  // Comparisons look at the value alone.
  friend constexpr auto operator<(Dual a, Dual b) { return a.value < b.value; }
  friend constexpr auto operator<=(Dual a, Dual b) { return a.value <= b.value; }
  friend constexpr auto operator>(Dual a, Dual b) { return a.value > b.value; }
  friend constexpr auto operator>=(Dual a, Dual b) { return a.value >= b.value; }
  friend constexpr auto operator==(Dual a, Dual b) { return a.value == b.value; }
  friend constexpr auto operator!=(Dual a, Dual b) { return a.value != b.value; }
};

template <class> inline constexpr bool is_dual_v = false;
template <class X> inline constexpr bool is_dual_v<Dual<X>> = true;

/// The number under all duals: float for Dual<Dual<float>>.
template <class T> struct PrimalOf { using type = T; };
template <class X> struct PrimalOf<Dual<X>> : PrimalOf<X> {};
template <class T> using primal_t = typename PrimalOf<T>::type;

/// A tensor may hold duals; no file does.
template <class T>
requires std::is_floating_point_v<primal_t<T>>
struct ElementTraits<Dual<T>> {
  using Compute = Dual<T>;
  using Accumulate = Dual<T>;
  static constexpr std::string_view name = "dual", short_name = "dual";
};

/// mask ? a : b on numbers; the lanes' and the duals' twins stand beside them.
template <class T>
requires std::is_arithmetic_v<T>
constexpr T select(bool mask, T a, T b) { return mask ? a : b; }
template <class M, class X> constexpr Dual<X> select(M mask, Dual<X> a, Dual<X> b) {
  return {select(mask, a.value, b.value), select(mask, a.tangent, b.tangent)};
}
/// "and", "or" of two conditions in a rule, be they bools or masks: one text, and no warning for & between bools.
constexpr bool both(bool a, bool b) { return a && b; }
constexpr bool either(bool a, bool b) { return a || b; }
template <class M> constexpr M both(M a, M b) { return a & b; }
template <class M> constexpr M either(M a, M b) { return a | b; }

}  // namespace tenon::inline TENON_ABI
