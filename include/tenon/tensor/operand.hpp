// What an op takes: concepts for tensors, expressions, numbers and duals.
#pragma once

#include "tenon/tensor/expr.hpp"

namespace tenon::inline TENON_ABI {

template <class X>
concept number = std::is_arithmetic_v<std::remove_cvref_t<X>>;

namespace detail {
template <class X> inline constexpr bool is_operand = is_expr_v<X> || requires { typename X::tenon_operand; };
}  // namespace detail
/// What an op takes besides numbers: tensors, views, values, parameters, expressions.
template <class X>
concept tensor_like = detail::is_operand<std::remove_cvref_t<X>>;
/// What a generic rule may be called on beside them: duals of numbers or lanes.
template <class X>
concept dual_like = is_dual_v<std::remove_cvref_t<X>>;
/// A dual of a number: what t(i) is where f runs on duals.
template <class X>
concept dual_number = dual_like<X> && std::is_arithmetic_v<primal_t<std::remove_cvref_t<X>>>;
template <class X>
concept operand = tensor_like<X> || number<X> || dual_number<X>;
/// Operands of which at least one is a tensor.
template <class... X>
concept operands = (operand<X> && ...) && (tensor_like<X> || ...);
/// Duals and numbers, at least one a dual.
template <class... X>
concept dual_operands = ((dual_like<X> || number<X>)&&...) && (dual_like<X> || ...);

template <tensor_like X> using shape_of_t = typename std::remove_cvref_t<X>::shape_type;
template <class X> struct DtypeOf { using type = std::remove_cvref_t<X>; };
template <tensor_like X> struct DtypeOf<X> { using type = typename std::remove_cvref_t<X>::dtype; };
template <class X> using dtype_of_t = typename DtypeOf<X>::type;

}  // namespace tenon::inline TENON_ABI
