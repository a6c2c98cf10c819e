// Structured ops: those that are not one loop over elements (softmax, gather, sort ...). Their operands are evaluated,
// and so are they, at once.
//
// A structured op is a value: a trivially copyable struct whose members are its options, with
//   name
//   dtype                                optional: the dtype of the result; else that of the first operand
//   dense_operands                       optional, true: x are row-major without gaps, copied first when they are not
//   shape(at, sx...) const               the shape of the result; throws ShapeError
//   forward(saved, y, x...) const        x: spans of any strides, y: row-major
//   saved_bytes(x...) const              optional: memory from forward to backward (std::byte* saved, 64-byte aligned)
//   backward(saved, y, dy, x..., dx...)  const; dx are Gradients: false when nobody asked. Written in operand order,
//                                        because two operands may be the same value
// or, instead of backward, `derivative` = Derivative::none (indices, counts) or Derivative::zero.
#pragma once

#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI {
namespace structured_detail {

template <class Op, class... X> Index saved_bytes(const Op& op, const X&... x) {
  if constexpr (requires { op.saved_bytes(x...); }) return op.saved_bytes(x...);
  else return 0;
}

template <class Op, class First, class... Rest> struct ResultDtypeOf { using type = First; };
template <class Op, class First, class... Rest>
requires requires { typename Op::dtype; }
struct ResultDtypeOf<Op, First, Rest...> {
  using type = typename Op::dtype;
};

template <class Op> consteval bool wants_dense() {
  if constexpr (requires { Op::dense_operands; }) return Op::dense_operands;
  else return false;
}
/// What gets a gradient is row-major, so that an op's dx lies as its x and its y do.
template <class Op, class L> auto operand_leaf(L l, Loc at) {
  if constexpr (evaluation::is_active<L>() || wants_dense<Op>()) return build::dense_leaf(std::move(l), at);
  else return l;
}

}  // namespace structured_detail

/// x itself, or as duals D when it holds numbers and D are duals: for ops with several operands.
template <class D, class X> decltype(auto) lift_operand(X&& x) {
  if constexpr (is_dual_v<D> && !is_dual_v<dtype_of_t<X>>) return apply<build::Lift<D>>(std::forward<X>(x));
  else return std::forward<X>(x);
}

/// y = op(x...), evaluated now: an expression with one leaf.
template <class Op, class... X> auto structured(const Op& op, Loc at, X&&... x) {
  static_assert(std::is_trivially_copyable_v<Op>, "tenon: a structured op is a trivially copyable struct of options");
  auto run = [&](auto... leaves) {
    using C = typename JoinContexts<graph::list<decltype(leaves)...>>::type;
    using T = typename structured_detail::ResultDtypeOf<Op, typename decltype(leaves)::dtype...>::type;
    const auto shape = op.shape(at, leaves.shape()...);
    using S = std::remove_const_t<decltype(shape)>;
    (leaves.check(Op::name, at), ...);
    auto r = C::template structured<T, S>(op, shape, at, leaves...);
    using R = decltype(r);
    return Expr<T, S, leaf, R>(std::move(r), shape);
  };
  return run(structured_detail::operand_leaf<Op>(build::factor<dtype_of_t<X>>(std::forward<X>(x), at), at)...);
}

template <class T, class S, class Op, class... L>
Held<T, S> PlainContext::structured(const Op& op, const S& shape, Loc at, const L&... x) {
  const Index n = checked_size(shape.extents(), sizeof(T), at);
  memory::Storage storage(n * static_cast<Index>(sizeof(T)), at);
  const memory::Scratch saved(structured_detail::saved_bytes(op, span_of(x)...));
  op.forward(saved.bytes(), dense_span(static_cast<T*>(storage.bytes()), shape), span_of(x)...);
  return Held<T, S>(std::move(storage), shape);
}

}  // namespace tenon::inline TENON_ABI
