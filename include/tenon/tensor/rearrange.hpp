// transpose, permute, reshape, flatten, squeeze, unsqueeze, broadcast_to: the same elements in another order or shape.
//
// On a View, and on a Tensor that has a name, they give a View. On values, parameters, temporaries and expressions they
// give an expression; gradients flow through it. Nothing is copied, except as reshape says.
#pragma once

#include "tenon/tensor/rearranged.hpp"
#include "tenon/tensor/reduce.hpp"
#include "tenon/tensor/view.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

template <class> inline constexpr bool is_view_v = false;
template <class T, Index... E> inline constexpr bool is_view_v<View<T, E...>> = true;
/// What outlives the call and holds plain elements: a View, or an owner or lender with a name.
template <class X>
concept viewable = is_view_v<std::remove_cvref_t<X>> ||
    (std::is_lvalue_reference_v<X> && (
                                          requires { typename std::remove_cvref_t<X>::tenon_owner; } ||
                                          requires { typename std::remove_cvref_t<X>::tenon_lender; }));
template <class X> auto as_view(const X& x, Loc at) {
  if constexpr (is_view_v<X>) return x;
  else return x.view(at);
}
template <class T, Index... E>
View<T, E...> view_of(const T* data, const Shape<E...>& shape, const Strides<sizeof...(E)>& strides,
                      memory::Stamp stamp) {
  return {data, shape, strides, stamp};
}

/// x with the layout that f(shape, strides) gives.
template <class X, class F> auto rearrange(X&& x, Loc at, F f) {
  if constexpr (viewable<X>) {
    const auto v = as_view(x, at);
    const auto to = f(v.shape(), v.strides());
    return view_of(v.data(at), to.shape, to.strides, v.stamp());
  } else {
    auto l = build::factor<dtype_of_t<X>>(std::forward<X>(x), at);
    const auto to = f(l.shape(), l.strides());
    return build::permuted_expression(std::move(l), to);
  }
}
/// The same for an f that keeps the elements in order: what is dense stays so.
template <class X, class F> auto rearrange_in_order(X&& x, Loc at, F f) {
  if constexpr (viewable<X>) {
    return rearrange(std::forward<X>(x), at, f);
  } else {
    auto l = build::factor<dtype_of_t<X>>(std::forward<X>(x), at);
    const auto to = f(l.shape(), l.strides());
    if constexpr (decltype(l)::dense) return build::reshaped_expression(std::move(l), to.shape);
    else return build::permuted_expression(std::move(l), to);
  }
}

TENON_COLD inline void refuse_gaps(const std::string& from, const std::string& to, Loc at) {
  throw ShapeError(at,
                   "tenon::reshape: the elements of this view of shape " + from +
                       " have gaps, or another order, that a view of shape " + to + " cannot follow",
                   "reshape a copy: reshape(eval(x), ...)");
}
/// x in the shape that f(shape of x) gives.
template <class X, class F> auto reshape_to(X&& x, Loc at, F f) {
  if constexpr (viewable<X>) {
    const auto v = as_view(x, at);
    const auto to = f(v.shape());
    Strides<decltype(to)::rank> strides;
    if (!reshape_strides(v.shape(), v.strides(), to.extents(), strides))
      refuse_gaps(to_string(v.shape()), to_string(to), at);
    return view_of(v.data(at), to, strides, v.stamp());
  } else {
    auto l = build::dense_leaf(build::factor<dtype_of_t<X>>(std::forward<X>(x), at), at);
    const auto to = f(l.shape());
    return build::reshaped_expression(std::move(l), to);
  }
}

/// The root of a broadcast: its operand is read along a larger shape.
struct BroadcastTo {
  static constexpr std::string_view name = "broadcast_to";
  static constexpr auto derivative_reads = Reads::nothing;
  template <class X> static X value(X x) { return x; }
  template <int, class X, class Y> static Y partial(X, Y) { return Y(1); }
};
template <class From, class To> void check_broadcast(const From& from, const To& to, Loc at) {
  static_assert(From::rank <= To::rank, "tenon::broadcast_to: the new shape has fewer dimensions");
  require_broadcast<From, To>();
  bool fits = true;
  for (int d = 0; d < From::rank; ++d) fits = fits && (from[d] == 1 || from[d] == to[d + To::rank - From::rank]);
  if (!fits)
    throw ShapeError(at, "tenon::broadcast_to: shape " + to_string(from) + " does not broadcast to " + to_string(to),
                     "an extent must stay, or be 1");
}
template <class X, class S> auto broadcast_to(X&& x, const S& shape, Loc at) {
  (void)checked_size(shape.extents(), sizeof(dtype_of_t<X>),
                     at);  // no memory of this size is asked for: nobody else looks
  if constexpr (viewable<X>) {
    const auto v = as_view(x, at);
    check_broadcast(v.shape(), shape, at);
    return view_of(v.data(at), shape, broadcast_strides(shape, v.shape(), v.strides()), v.stamp());
  } else {
    auto given = build::piece_of(std::forward<X>(x), at);
    check_broadcast(given.shape, shape, at);
    auto p = build::fit<S, false>(std::move(given), shape, at);
    using G = node<BroadcastTo, typename decltype(p)::graph_type>;
    auto operands = build::pack(std::move(p.operands));
    return Expr<compute_t<typename decltype(p)::dtype>, S, G, decltype(operands)>(std::move(operands), shape);
  }
}

/// The shape of a reshape from arguments: integers, of which one may be -1, or a Shape.
template <Index... E, class S, class... A> auto reshaped_as(const S& shape, Loc at, const A&... a) {
  const auto extents = inferred_extents(extents_of(a...), shape.size(), "reshape", at);
  if constexpr (sizeof...(E) == 0 && (is_shape_v<A> || ...)) return (a, ...);
  else return named_shape<E...>(extents, at);
}

}  // namespace detail

/// x with its last two dimensions exchanged. Shapes: (..., m, n) -> (..., n, m).
template <tensor_like X> auto transpose(X&& x, Loc at = Loc::current()) {
  return detail::rearrange(std::forward<X>(x), at,
                           [](const auto& shape, const auto& strides) { return transposed(shape, strides); });
}
/// x with its dimensions in another order: permute(x, axis<2, 0, 1>) has x's dimension 2 first.
template <tensor_like X, int... D> auto permute(X&& x, Axis<D...>, Loc at = Loc::current()) {
  return detail::rearrange(std::forward<X>(x), at,
                           [](const auto& shape, const auto& strides) { return permuted<D...>(shape, strides); });
}
/// x with a dimension of extent 1 more: dimension D of the result. unsqueeze(x, axis<0>): (n) -> (1, n).
template <tensor_like X, int D> auto unsqueeze(X&& x, Axis<D>, Loc at = Loc::current()) {
  return detail::rearrange_in_order(
      std::forward<X>(x), at, [](const auto& shape, const auto& strides) { return unsqueezed<D>(shape, strides); });
}
/// x without its dimension D. Throws ShapeError when its extent is not 1; a static one does not compile.
template <tensor_like X, int D> auto squeeze(X&& x, Axis<D>, Loc at = Loc::current()) {
  return detail::rearrange_in_order(
      std::forward<X>(x), at, [at](const auto& shape, const auto& strides) { return squeezed<D>(shape, strides, at); });
}

/// x's elements, in row-major order, in another shape: reshape(x, {n, -1}), reshape(x, n, -1), reshape<2, 3>(x),
/// reshape<dyn, 3>(x), reshape(x, y.shape()). One extent may be -1 (dyn in the type): inferred.
/// Copies:  an expression whose elements do not lie in row-major order, such as transpose(v) of a value
/// Throws:  ShapeError when the numbers of elements differ, and for a View whose gaps no view of the new shape can
///          follow; reshape(eval(x), ...) copies it instead
template <Index... E, tensor_like X, class... A>
requires extent_arguments<A...>
auto reshape(X&& x, A... extent) {
  return detail::reshape_to(std::forward<X>(x), Loc{}, [&](const auto& shape) {
    if constexpr (sizeof...(A) == 0) return reshaped<E...>(shape, "reshape", Loc{});
    else return detail::reshaped_as<E...>(shape, Loc{}, extent...);
  });
}
template <Index... E, tensor_like X, std::size_t R>
auto reshape(X&& x, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::reshape_to(std::forward<X>(x), at, [&](const auto& shape) {
    return named_shape<E...>(inferred_extents(detail::extents_of(extent), shape.size(), "reshape", at), at);
  });
}
/// x's elements in one dimension; copies and throws as reshape does.
template <tensor_like X> auto flatten(X&& x, Loc at = Loc::current()) {
  return detail::reshape_to(std::forward<X>(x), at,
                            [at](const auto& shape) { return reshaped<dyn>(shape, "flatten", at); });
}

/// x repeated along new leading dimensions and along those where its extent is 1: broadcast_to(x, {n, m}),
/// broadcast_to<dyn, 3>(x, n, 3), broadcast_to(x, y.shape()). To read only; the gradient is summed.
/// Throws:  ShapeError when x does not broadcast to that shape
template <Index... E, tensor_like X, class... A>
requires extent_arguments<A...>
auto broadcast_to(X&& x, A... extent) {
  return detail::broadcast_to(std::forward<X>(x), shape_from<E...>(Loc{}, extent...), Loc{});
}
template <Index... E, tensor_like X, std::size_t R>
auto broadcast_to(X&& x, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::broadcast_to(std::forward<X>(x), shape_from<E...>(at, extent), at);
}

}  // namespace tenon::inline TENON_ABI
