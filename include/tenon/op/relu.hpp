// relu(x)
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// y = x where x > 0, else 0; NaN stays NaN.
/// Shapes:     y has the shape of x
/// Derivative: 1 where y > 0, 0 where y = 0; 1 at NaN
/// Accuracy:   exact
/// Throws:     nothing
struct Relu {
  static constexpr std::string_view name = "relu";
  static constexpr auto derivative_reads = Reads::output;
  static constexpr bool keeps_order = true;
  template <class X> static X value(X x) {
    if constexpr (requires { positive_part(x); }) return positive_part(x);
    else return select(x <= X(0), X(0), x);
  }
  template <int, class D, class X, class Y> static D pull(D dy, X, Y y) { return select(y <= Y(0), D(0), dy); }
};
template <class X>
requires operands<X> || dual_operands<X>
auto relu(X&& x) { return apply<Relu>(std::forward<X>(x)); }

}  // namespace tenon::inline TENON_ABI
