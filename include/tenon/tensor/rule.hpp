// How a rule is called: on numbers and lanes as it stands, on duals by the chain rule. One text, every use.
#pragma once

#include "tenon/tensor/contract.hpp"

namespace tenon::inline TENON_ABI::rule {

/// What dy, the adjoint of y = Op::value(x...), contributes to the adjoint of x_J. Works on duals because partial and
/// pull are generic: that is what turns a gradient into a Hessian-vector product.
template <class Op, int J, class Y, class... X>
TENON_ALWAYS_INLINE auto pull(Y dy, Y y, X... x) {
  if constexpr (requires { Op::template pull<J>(dy, x..., y); })
    return Op::template pull<J>(dy, x..., y);
  else
    return dy * Op::template partial<J>(x..., y);
}

template <class X>
TENON_ALWAYS_INLINE auto value_of(const X& x) {
  if constexpr (is_dual_v<X>)
    return x.value;
  else
    return x;
}

template <class Op, class... X>
TENON_ALWAYS_INLINE auto value(X... x);

namespace detail {
template <class Op, int J, class Y, class Self, class... X>
TENON_ALWAYS_INLINE void add_tangent(Y y, Y& tangent, const Self& self, X... x) {
  if constexpr (is_dual_v<Self>) tangent = tangent + pull<Op, J>(self.tangent, y, value_of(x)...);
}
template <class Op, std::size_t... J, class... X>
TENON_ALWAYS_INLINE auto value_on_duals(std::index_sequence<J...>, X... x) {
  const auto y = value<Op>(value_of(x)...);
  using Y = std::remove_const_t<decltype(y)>;
  if constexpr (without_derivative<Op>) {
    if constexpr (requires { Dual<Y>(y); } && Op::derivative == Derivative::zero)
      return Dual<Y>(y);
    else
      return y;
  } else {
    Y tangent(0);
    (add_tangent<Op, static_cast<int>(J)>(y, tangent, x, x...), ...);
    return Dual<Y>(y, tangent);
  }
}
}  // namespace detail

/// y = Op::value(x...); with duals among x, the dual result, its tangent the sum of pull<J>(tangent of x_J).
template <class Op, class... X>
TENON_ALWAYS_INLINE auto value(X... x) {
  if constexpr ((is_dual_v<X> || ...))
    return detail::value_on_duals<Op>(std::make_index_sequence<sizeof...(X)>{}, x...);
  else
    return Op::value(x...);
}

}  // namespace tenon::inline TENON_ABI::rule
