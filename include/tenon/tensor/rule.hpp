// How a rule is called: on numbers and lanes as it stands, on duals by the chain rule. One text, every use.
#pragma once

#include <cstdint>

#include "tenon/tensor/contract.hpp"

namespace tenon::inline TENON_ABI::rule {

/// The type that +, - and * of X run in: unsigned for signed integers, so that overflow wraps round as in NumPy.
template <class X> struct Wrapping { using type = X; };
template <> struct Wrapping<std::int32_t> { using type = std::uint32_t; };
template <> struct Wrapping<std::int64_t> { using type = std::uint64_t; };
template <class X> using wrapping_t = typename Wrapping<X>::type;

/// A number among duals D becomes one of them: the 2 in `2 * x`. Everything else stays what it is.
template <class D, class X> TENON_ALWAYS_INLINE auto lift(X x) {
  if constexpr (is_dual_v<D> && (std::same_as<X, primal_t<D>> || std::is_arithmetic_v<X>)&&!std::same_as<X, bool>)
    return D(x);
  else return x;
}

/// What dy, the adjoint of y = Op::value(x...), contributes to the adjoint of x_J. Works on duals because partial and
/// pull are generic: that is what turns a gradient into a Hessian-vector product.
template <class Op, int J, class Y, class... X> TENON_ALWAYS_INLINE auto pull(Y dy, Y y, X... x) {
  if constexpr (requires { Op::template pull<J>(dy, lift<Y>(x)..., y); })
    return Op::template pull<J>(dy, lift<Y>(x)..., y);
  else return dy * Op::template partial<J>(lift<Y>(x)..., y);
}

template <class X> TENON_ALWAYS_INLINE auto value_of(const X& x) {
  if constexpr (is_dual_v<X>) return x.value;
  else return x;
}

template <class Op, class... X> TENON_ALWAYS_INLINE auto value(X... x);

namespace detail {
template <class Op, int J, class Y, class Self, class... X>
TENON_ALWAYS_INLINE void add_tangent(Y y, Y& tangent, const Self& self, X... x) {
  if constexpr (is_dual_v<Self>)
    tangent = tangent + static_cast<Y>(pull<Op, J>(static_cast<Y>(self.tangent), y, value_of(x)...));
}
template <class Op, std::size_t... J, class... X>
TENON_ALWAYS_INLINE auto value_on_duals(std::index_sequence<J...>, X... x) {
  const auto y = value<Op>(value_of(x)...);
  using Y = std::remove_const_t<decltype(y)>;
  if constexpr (without_derivative<Op>) {
    if constexpr (requires { Dual<Y>(y); } && Op::derivative == Derivative::zero) return Dual<Y>(y);
    else return y;
  } else {
    Y tangent(0);
    (add_tangent<Op, static_cast<int>(J)>(y, tangent, x, x...), ...);
    return Dual<Y>(y, tangent);
  }
}
}  // namespace detail

/// y = Op::value(x...); with duals among x, the dual result, its tangent the sum of pull<J>(tangent of x_J).
template <class Op, class... X> TENON_ALWAYS_INLINE auto value(X... x) {
  if constexpr ((is_dual_v<X> || ...))
    return detail::value_on_duals<Op>(std::make_index_sequence<sizeof...(X)>{}, x...);
  else return Op::value(x...);
}

}  // namespace tenon::inline TENON_ABI::rule
