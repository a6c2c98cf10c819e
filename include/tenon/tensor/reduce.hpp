// Building reductions: which dimensions fold, and the shape that is left.
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI {

/// Dimensions, counted from the front, or from the back when negative: axis<1>, axis<0, -1>.
template <int... D> struct Axis {};
template <int... D> inline constexpr Axis<D...> axis{};

/// Folded dimensions stay, with extent 1.
struct KeepDims {};
inline constexpr KeepDims keep_dims{};

namespace detail {

template <int Rank, int... D> consteval rows::Axes axes_of(Axis<D...>) {
  static_assert(((D < Rank && D >= -Rank) && ...), "tenon: an axis is outside the tensor's rank");
  constexpr rows::Axes a = (0u | ... | (1u << (D < 0 ? D + Rank : D)));
  static_assert(__builtin_popcount(a) == static_cast<int>(sizeof...(D)), "tenon: an axis is named twice");
  return a;
}

template <class S, rows::Axes A, bool Keep> struct ReducedShape {
  static constexpr int kept = [] {
    int n = 0;
    for (int d = 0; d < S::rank; ++d) n += Keep || !((A >> d) & 1u);
    return n;
  }();
  /// The source dimension of each dimension of the result, or -1 for a kept 1.
  static constexpr auto source = [] {
    std::array<int, static_cast<std::size_t>(kept)> s{};
    std::size_t k = 0;
    for (int d = 0; d < S::rank; ++d) {
      const bool away = ((A >> d) & 1u) != 0;
      if (!away || Keep) s[k++] = away ? -1 : d;
    }
    return s;
  }();
  template <std::size_t... I>
  static auto make(std::index_sequence<I...>)
      -> Shape<(source[I] < 0 ? 1 : S::pattern[static_cast<std::size_t>(source[I] < 0 ? 0 : source[I])])...>;
  using type = decltype(make(std::make_index_sequence<static_cast<std::size_t>(kept)>{}));

  static type of(const S& s) {
    typename type::Extents e{};
    for (std::size_t k = 0; k < source.size(); ++k) e[k] = source[k] < 0 ? 1 : s[source[k]];
    return type(e);
  }
};
template <class S> struct ReducedShape<S, 0, false> {  // rank 0: nothing to fold away
  using type = S;
  static type of(const S& s) { return s; }
};

/// Folds whose result on no elements is not a number say so by `empty_is_error`.
template <class F, class S> void check_not_empty(const S& x, Index n, Loc at) {
  if constexpr (requires { F::empty_is_error; })
    if (n == 0)
      throw ShapeError(at, "tenon::" + std::string(F::name) + ": no elements to reduce in shape " + to_string(x),
                       "check the shape, or give the axes that are not empty");
}

template <class F, rows::Axes A, bool Keep, class X> TENON_ALWAYS_INLINE auto reduce_axes(X&& x, Loc at) {
  auto given = build::piece_of(std::forward<X>(x), at);
  auto p = [&]() TENON_INLINE_LAMBDA {
    if constexpr (build::product_count<typename decltype(given)::Operands>() > 0)
      return build::settle(std::move(given), at);
    else return std::move(given);
  }();
  using In = decltype(p);
  using S = typename In::shape_type;
  using C = compute_t<typename In::dtype>;
  if constexpr (requires { F::floating_only; })
    static_assert(std::is_floating_point_v<primal_t<C>>,
                  "tenon: this reduction needs a floating dtype; write cast<float>(x)");
  if constexpr (requires { F::bool_only; })
    static_assert(std::same_as<C, bool>, "tenon: this reduction needs a bool tensor, such as x > 0");
  using R = ReducedShape<S, A, Keep>;
  check_not_empty<F>(p.shape, evaluation::folded_count(p.shape, A), at);
  using T = typename F::template dtype<C>;
  using Operands = FoldPack<typename In::Operands, S>;
  const auto shape = R::of(p.shape);
  return Expr<T, typename R::type, folded<F, A, typename In::graph_type>, Operands>(
      Operands{std::move(p.operands), p.shape}, shape);
}

}  // namespace detail

/// Folds x by F over all dimensions.
template <class F, tensor_like X> TENON_ALWAYS_INLINE auto reduce(X&& x, Loc at = {}) {
  return detail::reduce_axes<F, evaluation::all_axes<shape_of_t<X>>(), false>(std::forward<X>(x), at);
}
template <class F, tensor_like X> TENON_ALWAYS_INLINE auto reduce(X&& x, KeepDims, Loc at = {}) {
  return detail::reduce_axes<F, evaluation::all_axes<shape_of_t<X>>(), true>(std::forward<X>(x), at);
}
/// Folds x by F over the named dimensions.
template <class F, tensor_like X, int... D> TENON_ALWAYS_INLINE auto reduce(X&& x, Axis<D...> a, Loc at = {}) {
  (void)a;
  return detail::reduce_axes<F, detail::axes_of<shape_of_t<X>::rank>(Axis<D...>{}), false>(std::forward<X>(x), at);
}
template <class F, tensor_like X, int... D>
TENON_ALWAYS_INLINE auto reduce(X&& x, Axis<D...> a, KeepDims, Loc at = {}) {
  (void)a;
  return detail::reduce_axes<F, detail::axes_of<shape_of_t<X>::rank>(Axis<D...>{}), true>(std::forward<X>(x), at);
}

}  // namespace tenon::inline TENON_ABI
