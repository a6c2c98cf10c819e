// What an op states. Nothing here runs; tensor/ and autodiff/ read it.
//
// An elementwise op is a struct with
//   name                 std::string_view, as users write it
//   value(x...)          static template on X: a number, SIMD lanes. `using std::tanh; return tanh(x);`
//   partial<J>(x..., y)  static template: dy/dx_J, on numbers, lanes and Duals of either; y is value(x...)
//   derivative_reads     what partial looks at: Reads::nothing, inputs, output, both, or operands by place (first | output);
//                        when that depends on J, `template <int J> static constexpr Reads partial_reads` in its place
//   cost                 Cost::cheap (default) or Cost::transcendental: save y for backward rather than compute it again
// and, where the plain product dy * partial would be wrong (0 * inf in a branch not taken), instead of partial
//   pull<J>(dy, x..., y) static template: what dy contributes to dx_J; linear in dy
// or, for an op without one,
//   derivative           Derivative::zero (floor, round: no gradient flows) or Derivative::none (comparisons: data)
// A result of another dtype is stated by `template <class... T> using dtype`. `floating_only` refuses integers, `bool_only`
// all but masks; `takes_mask`: the first operand is a bool tensor and takes no part in choosing a dtype.
#pragma once

#include <concepts>
#include <string_view>
#include <utility>

#include "tenon/base/dual.hpp"
#include "tenon/shape/shape.hpp"

namespace tenon::inline TENON_ABI {

/// What a derivative looks at. Bit 0 is the output, bit 1 + k operand k.
enum class Reads : unsigned { nothing = 0, output = 1, first = 2, second = 4, third = 8, inputs = 30, both = 31 };
constexpr Reads operator|(Reads a, Reads b) {
  return static_cast<Reads>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool overlap(Reads a, Reads b) { return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0; }
constexpr Reads operand_bit(int k) { return static_cast<Reads>(2u << k); }
enum class Cost { cheap, transcendental };
enum class Derivative { zero, none };

/// An op whose results carry no gradient: `derivative` says why.
template <class Op>
concept without_derivative = requires {
  { Op::derivative } -> std::convertible_to<Derivative>;
};

/// What Op's derivative for operand J reads.
template <class Op, int J> consteval Reads reads_of() {
  if constexpr (without_derivative<Op>) return Reads::nothing;
  else if constexpr (requires { Op::template partial_reads<J>; }) return Op::template partial_reads<J>;
  else return Op::derivative_reads;
}
template <class Op> consteval bool is_costly() {
  if constexpr (requires { Op::cost; }) return Op::cost == Cost::transcendental;
  else return false;
}

/// The dtype that operands share: equal ones, a number with its dual. void when there is none.
template <class... T> struct CommonDtype;
template <class T> struct CommonDtype<T> { using type = T; };
template <class A, class B, class... Rest> struct CommonDtype<A, B, Rest...> {
  template <class X, class Y> static auto join() {
    if constexpr (std::same_as<X, Y> || std::same_as<X, primal_t<Y>>) return std::type_identity<Y>{};
    else if constexpr (std::same_as<Y, primal_t<X>>) return std::type_identity<X>{};
    else return std::type_identity<void>{};
  }
  using type = typename CommonDtype<typename decltype(join<A, B>())::type, Rest...>::type;
};
template <class... T> using common_dtype_t = typename CommonDtype<T...>::type;

/// The dtype of Op's result on operands of (compute) dtypes T...
template <class Op, class... T> struct ResultDtype { using type = common_dtype_t<T...>; };
template <class Op, class... T>
requires requires { typename Op::template dtype<T...>; }
struct ResultDtype<Op, T...> {
  using type = typename Op::template dtype<T...>;
};
template <class Op, class... T> using result_dtype_t = typename ResultDtype<Op, T...>::type;

}  // namespace tenon::inline TENON_ABI
