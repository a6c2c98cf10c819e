// The elementwise rest of an expression, moved behind an op that chooses among elements: the largest of relu(x + b) is
// relu of the largest x, plus b. So the rest runs on what was chosen only.
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI::commute {

/// Ops that state `keeps_order`: the result never decreases where an operand grows, as rounded, and NaN stays NaN.
template <class Op>
concept keeps_order = requires {
  requires Op::keeps_order;
};

/// Whether a leaf of shape type S is known to hold one element for all rows and columns: the last two dimensions.
template <class S> consteval bool is_flat() {
  for (int d = S::rank; d-- > 0 && d + 2 >= S::rank;)
    if (S::pattern[static_cast<std::size_t>(d)] != 1) return false;
  return true;
}
template <class P> consteval int varying_leaves() {
  return []<class... L>(graph::list<L...>) {
    return (0 + ... + (is_flat<typename L::shape_type>() ? 0 : 1));
  }(typename LeafList<P>::type{});
}

/// Whether every op between the root and what varies in rows and columns keeps order.
template <class G, class P> struct Ordered { static constexpr bool value = false; };
template <class P> struct Ordered<leaf, P> { static constexpr bool value = true; };
template <class Op, class... C, class... P> struct Ordered<node<Op, C...>, Pack<P...>> {
  static constexpr bool value = keeps_order<Op> && ((varying_leaves<P>() == 0 || Ordered<C, P>::value) && ...);
};

/// A temporary expression with one leaf of its own rank and dtype that varies in rows and columns, all else in order.
template <class X> inline constexpr bool behind_choice = false;
template <class T, class S, class G, class P>
requires(!std::is_same_v<G, leaf> &&
         S::rank >= 2) inline constexpr bool behind_choice<Expr<T, S, G, P>> = []<class... L>(graph::list<L...>) {
  return varying_leaves<P>() == 1 && Ordered<G, P>::value &&
         ((is_flat<typename L::shape_type>() ||
           (L::shape_type::rank == S::rank && std::is_same_v<typename L::dtype, T>)) &&
          ...);
}(typename LeafList<P>::type{});

template <class A, class B> struct Joined;
template <class A, class... B> struct Joined<A, Pack<B...>> { using type = Pack<A, B...>; };

/// The operands p with f(leaf) in place of the leaf that varies.
template <class P, class F> auto replaced(P p, F& f) {
  if constexpr (std::is_same_v<P, Pack<>>) {
    return p;
  } else if constexpr (is_pack_v<P>) {
    auto first = replaced(std::move(p.first), f);
    auto rest = replaced(std::move(p.rest), f);
    return typename Joined<decltype(first), decltype(rest)>::type{std::move(first), std::move(rest)};
  } else if constexpr (is_flat<typename P::shape_type>()) {
    return p;
  } else {
    return f(std::move(p));
  }
}

/// x with choose(operand) in place of the operand that varies; `shape` is that of the result. choose takes and returns
/// an expression.
template <class S2, class T, class S, class G, class P, class F>
requires behind_choice<Expr<T, S, G, P>>
auto past(Expr<T, S, G, P>&& x, const S2& shape, Loc at, F choose) {
  auto on_leaf = [&](auto l) {
    using L = decltype(l);
    const auto s = l.shape();
    return build::piece_of(choose(Expr<T, typename L::shape_type, leaf, L>(std::move(l), s)), at).operands;
  };
  auto p = replaced(std::move(x).fuse(at), on_leaf);
  return Expr<T, S2, G, decltype(p)>(std::move(p), shape);
}

}  // namespace tenon::inline TENON_ABI::commute
