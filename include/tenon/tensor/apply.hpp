// Building expressions: apply<Op>(operands...) is all that an elementwise op's function calls.
#pragma once

#include "tenon/tensor/evaluate.hpp"
#include "tenon/tensor/operand.hpp"

namespace tenon::inline TENON_ABI {

namespace build {

template <class T, class S, class P> Piece<T, S, leaf, P> leaf_piece(P leaf_value, const S& shape) {
  return {std::move(leaf_value), shape};
}

using evaluation::product_count;

/// The whole piece, evaluated now: a piece with one leaf.
template <class T, class S, class G, class P> auto settle(Piece<T, S, G, P>&& x, Loc at) {
  using C = context_t<P>;
  auto r = C::template evaluate<T, S, G>(x.operands, x.shape, at);
  return leaf_piece<T, S>(std::move(r), x.shape);
}
template <class G> inline constexpr bool is_folded_root = false;
template <class F, rows::Axes A, class G> inline constexpr bool is_folded_root<folded<F, A, G>> = true;

/// A name gives its result, a temporary its formula; a reduction is evaluated, for loops do not nest.
template <class T, class S, class G, class P> TENON_ALWAYS_INLINE auto piece_of(const Expr<T, S, G, P>& e, Loc at) {
  const auto& r = e.evaluated(at);
  return leaf_piece<T, S>(std::remove_cvref_t<decltype(r)>(r), e.shape());
}
template <class T, class S, class G, class P> TENON_ALWAYS_INLINE auto piece_of(Expr<T, S, G, P>&& e, Loc at) {
  const S shape = e.shape();
  if constexpr (!is_folded_root<G>) return Piece<T, S, G, P>{std::move(e).fuse(at), shape};
  else if (e.has_result()) return piece_of(static_cast<const Expr<T, S, G, P>&>(e), at);
  else
    return settle(Piece<T, S, G, P>{std::move(e).fuse(at), shape},
                  at);  // held by nobody else: a Tensor may take it over
}
template <class T, class S, class G, class P> TENON_ALWAYS_INLINE auto piece_of(Expr<T, S, G, P>& e, Loc at) {
  return piece_of(static_cast<const Expr<T, S, G, P>&>(e), at);
}
template <tensor_like X>
requires(!is_expr_v<std::remove_cvref_t<X>>) TENON_ALWAYS_INLINE auto piece_of(X&& x, Loc at) {
  return std::forward<X>(x).as_piece(at);
}
/// The same, but a temporary reduction stays a formula: its destination may be what it reads.
template <tensor_like X> TENON_ALWAYS_INLINE auto formula_of(X&& x, Loc at) {
  if constexpr (is_expr_v<X>) {  // not a reference: a temporary
    if constexpr (is_folded_root<typename X::graph_type>) {
      const auto shape = x.shape();
      return Piece<typename X::dtype, typename X::shape_type, typename X::graph_type, typename X::Operands>{
          std::move(x).fuse(at), shape};
    } else {
      return piece_of(std::move(x), at);
    }
  } else {
    return piece_of(std::forward<X>(x), at);
  }
}
/// The dtype that numbers take: that of the first tensor that is not a mask.
template <class... X> struct NumberDtype { using type = bool; };
template <class X, class... Rest> struct NumberDtype<X, Rest...> {
  template <class Y> static auto pick() {
    if constexpr (tensor_like<Y>) {
      using C = primal_t<compute_t<dtype_of_t<Y>>>;
      if constexpr (!std::same_as<C, bool>) return std::type_identity<C>{};
      else return std::type_identity<typename NumberDtype<Rest...>::type>{};
    } else {
      return std::type_identity<typename NumberDtype<Rest...>::type>{};
    }
  }
  using type = typename decltype(pick<X>())::type;
};

/// A C++ number as an element of dtype T. Throws ValueError for an integer that T does not hold.
template <class T, number A> T number_as(A a, Loc at) {
  static_assert(!std::is_integral_v<T> || !std::is_floating_point_v<A>,
                "tenon: a fractional number with an integer tensor; write cast<float>(x) first, or an integer");
  using Widest = std::conditional_t<std::is_signed_v<A>, long long, unsigned long long>;
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, A>)
    if (!std::in_range<T>(static_cast<Widest>(a))) [[unlikely]]
      throw ValueError(at,
                       "tenon: the number " + std::to_string(a) + " is no " + std::string(ElementTraits<T>::name) +
                           ", the dtype of the tensors it meets",
                       "write cast<int64_t>(x) first");
  return static_cast<T>(a);
}
template <class T, number A> auto literal(A a, Loc at) {
  return leaf_piece<T, Shape<>>(Literal<T>(number_as<T>(a, at)), Shape<>{});
}

/// Holds the piece of a named operand, or passes a temporary on: names go first, so `h + std::move(h)` is right.
template <class X, class T> struct First {
  static constexpr bool named = tensor_like<X> && std::is_lvalue_reference_v<X>;
  TENON_ALWAYS_INLINE static auto take(X& x, Loc at) {
    if constexpr (number<X>)
      return literal<std::conditional_t<std::same_as<T, bool> && !std::same_as<std::remove_cvref_t<X>, bool>,
                                        std::remove_cvref_t<X>, T>>(x, at);
    else if constexpr (dual_number<X>)
      return leaf_piece<std::remove_cvref_t<X>, Shape<>>(Literal<std::remove_cvref_t<X>>(x), Shape<>{});
    else if constexpr (named) return piece_of(x, at);
    else return static_cast<std::remove_reference_t<X>*>(&x);
  }
};
template <class X> TENON_ALWAYS_INLINE decltype(auto) second(X&& held, Loc at) {
  if constexpr (std::is_pointer_v<std::remove_cvref_t<X>>) return piece_of(std::move(*held), at);
  else return std::move(held);
}

template <class P, class... Rest> TENON_ALWAYS_INLINE auto pack(P&& p, Rest&&... rest) {
  if constexpr (sizeof...(Rest) == 0) return Pack<std::remove_cvref_t<P>>{std::forward<P>(p), {}};
  else
    return Pack<std::remove_cvref_t<P>, std::remove_cvref_t<Rest>...>{std::forward<P>(p),
                                                                      pack(std::forward<Rest>(rest)...)};
}

/// A product that its neighbour would repeat is evaluated first; so is what would make the loop too long.
template <class S, bool Early, class T, class SX, class G, class P>
TENON_ALWAYS_INLINE decltype(auto) fit(Piece<T, SX, G, P>&& x, const S& shape, Loc at) {
  if constexpr (Early || (product_count<P>() > 0 && !std::is_same_v<S, SX>)) {
    return settle(std::move(x), at);
  } else {
    if constexpr (product_count<P>() > 0 && !S::is_static)
      for_each_leaf(x.operands, [&](auto& l) {
        if constexpr (requires { l.evaluate_now(at); })
          if (!(x.shape == shape)) l.evaluate_now(at);
      });
    (void)shape, (void)at;
    return std::move(x);
  }
}

/// Which operands to evaluate before building: all but one product, and the largest while the loop would be too long.
template <class... X> consteval auto early_operands() {
  constexpr std::size_t n = sizeof...(X);
  std::array<int, n> nodes{graph::node_count<typename X::graph_type>...},
      leaves{evaluation::leaves_of<typename X::Operands>...};
  const std::array<int, n> products{product_count<typename X::Operands>()...};
  std::array<bool, n> early{};
  auto settle = [&](std::size_t i) {
    early[i] = true;
    nodes[i] = 0;
    leaves[i] = 1;
  };
  auto total = [](const auto& a) {
    int sum = 0;
    for (int k : a) sum += k;
    return sum;
  };
  int with_product = 0;
  for (std::size_t i = 0; i < n; ++i)
    if (products[i] > 0 && ++with_product > 1) settle(i);
  while (1 + total(nodes) > max_nodes || total(leaves) > max_leaves) {
    std::size_t largest = 0;
    for (std::size_t i = 1; i < n; ++i)
      if (nodes[i] + leaves[i] > nodes[largest] + leaves[largest]) largest = i;
    settle(largest);
  }
  return early;
}

template <class Op, class... T> consteval void check_dtypes() {
  using C = common_dtype_t<T...>;
  static_assert(!std::is_void_v<C>, "tenon: the tensors differ in dtype; write cast<float>(x) on one of them");
  if constexpr (requires { Op::floating_only; })
    static_assert(std::is_floating_point_v<primal_t<C>>, "tenon: this op needs a floating dtype; write cast<float>(x)");
  if constexpr (requires { Op::bool_only; })
    static_assert(std::same_as<C, bool>, "tenon: this op needs bool tensors, such as x > 0");
}
template <class Op, class Mask, class... T> consteval void check_dtypes_of() {
  if constexpr (requires { Op::takes_mask; }) {
    static_assert(std::same_as<Mask, bool>, "tenon: the first operand is a mask: a bool tensor, such as x > 0");
    check_dtypes<Op, T...>();
  } else {
    check_dtypes<Op, Mask, T...>();
  }
}

template <class Op, class... X> TENON_ALWAYS_INLINE auto combine(Loc at, X&&... x) {
  check_dtypes_of<Op, compute_t<typename X::dtype>...>();
  const auto shape = broadcast(Op::name, at, x.shape...);
  using S = std::remove_const_t<decltype(shape)>;
  using T = result_dtype_t<Op, compute_t<typename X::dtype>...>;
  static constexpr auto early = early_operands<X...>();
  constexpr bool split = [] {
    int n = 0;
    for (bool e : early) n += e;
    return n;
  }() > 0;
  if constexpr (split) ++memory::thread_counters.split_expressions;
  return [&]<std::size_t... I>(std::index_sequence<I...>) TENON_INLINE_LAMBDA {
    auto finish = [&](auto&&... y) TENON_INLINE_LAMBDA {
      using G = node<Op, typename std::remove_cvref_t<decltype(y)>::graph_type...>;
      auto p = pack(std::move(y.operands)...);
      return Expr<T, S, G, decltype(p)>(std::move(p), shape);
    };
    return finish(fit<S, early[I]>(std::move(x), shape, at)...);
  }
  (std::index_sequence_for<X...>{});
}

}  // namespace build

/// The expression Op(x...): shapes broadcast, numbers take the tensors' dtype. Throws ShapeError; does not compile when
/// static shapes or dtypes clash.
template <class Op, class... X>
requires operands<X...> TENON_ALWAYS_INLINE auto apply_at(Loc at, X&&... x) {
  using T = typename build::NumberDtype<X...>::type;
  return [&]<class... H>(H&&... held) TENON_INLINE_LAMBDA {
    return build::combine<Op>(at, build::second(std::move(held), at)...);
  }(build::First<X, T>::take(x, at)...);
}
template <class Op, class... X>
requires operands<X...> TENON_ALWAYS_INLINE auto apply(X&&... x) { return apply_at<Op>(Loc{}, std::forward<X>(x)...); }
namespace detail {
template <class... X> struct FirstDual;
template <class X, class... Rest> struct FirstDual<X, Rest...> : FirstDual<Rest...> {};
template <dual_like X, class... Rest> struct FirstDual<X, Rest...> { using type = X; };
}  // namespace detail
/// The same op on duals: what makes a rule's own text work in forward mode.
template <class Op, class... X>
requires dual_operands<X...> TENON_ALWAYS_INLINE auto apply(X... x) {
  return rule::value<Op>(rule::lift<typename detail::FirstDual<X...>::type>(x)...);
}

/// The result of e, evaluated now, under a name: an expression with one leaf.
template <tensor_like X> auto eval(X&& x, Loc at = Loc::current()) {
  auto p = build::piece_of(std::forward<X>(x), at);
  using P = decltype(p);
  if constexpr (std::is_same_v<typename P::graph_type, leaf> && build::product_count<typename P::Operands>() == 0) {
    return Expr<typename P::dtype, typename P::shape_type, leaf, typename P::Operands>(std::move(p.operands), p.shape);
  } else {
    auto r = build::settle(std::move(p), at);
    using R = decltype(r);
    return Expr<typename R::dtype, typename R::shape_type, leaf, typename R::Operands>(std::move(r.operands), r.shape);
  }
}

}  // namespace tenon::inline TENON_ABI
