// elu(x, alpha)
#pragma once

#include "tenon/op/exp.hpp"
#include "tenon/op/expm1.hpp"

namespace tenon::inline TENON_ABI {

/// z = x where x > 0, else alpha (exp(x) - 1). alpha is a number (1 when not given) or a tensor.
/// Shapes:     x and alpha broadcast
/// Derivative: dz/dx = 1 where x > 0, else alpha exp(x); dz/dalpha = 0 where x > 0, else exp(x) - 1
/// Accuracy:   3 ulp
/// Throws:     ShapeError when run-time shapes do not broadcast; an integer tensor does not compile
struct Elu {
  static constexpr std::string_view name = "elu";
  template <int J> static constexpr Reads partial_reads = J == 0 ? Reads::inputs : Reads::first;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x, X alpha) {
    using std::expm1;
    return select(x > X(0), x, alpha * expm1(x));
  }
  template <int J, class D, class X, class Z> static D pull(D dz, X x, X alpha, Z) {
    using std::exp, std::expm1;
    if constexpr (J == 0)
      return select(x > X(0), dz, dz * (alpha * exp(x)));  // z + alpha would cancel where x is very negative
    else return select(x > X(0), D(0), dz * expm1(x));
  }
};
template <class X, class A = float>
requires operands<X, A> || dual_operands<X, A>
auto elu(X&& x, A&& alpha = A(1)) { return apply<Elu>(std::forward<X>(x), std::forward<A>(alpha)); }

}  // namespace tenon::inline TENON_ABI
