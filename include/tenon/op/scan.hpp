// scan(f, carry, xs)
#pragma once

#include <tuple>

#include "tenon/autodiff/frame_context.hpp"
#include "tenon/autodiff/rows_node.hpp"
#include "tenon/op/slice.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

/// A result of context C: what stays of a step.
template <class C, class T, class S> using Kept = Expr<T, S, leaf, typename C::template Result<T, S>>;

/// A copy of l's elements. Pre: l has no gaps.
template <class L> memory::Storage copied(const L& l, Loc at) {
  using T = typename L::dtype;
  const auto bytes = static_cast<std::size_t>(l.shape().size()) * sizeof(T);
  memory::Storage storage(static_cast<Index>(bytes), at);
  l.check("scan", at);
  if (bytes > 0) std::memcpy(storage.bytes(), static_cast<const void*>(l.data()), bytes);
  return storage;
}
/// The leaf l, without gaps, as a result of C in shape S; copied when it is somebody else's.
template <class C, class S, class L> auto result_of(const L& l, Loc at) {
  using T = typename L::dtype;
  using From = typename L::shape_type;
  const S shape = shape_cast<S>(l.shape(), "tenon::scan", at);
  if constexpr (std::is_same_v<C, PlainContext>) {
    if constexpr (requires { l.storage(); }) return Held<T, S>(l.storage(), shape);
    else return Held<T, S>(copied(l, at), shape);
  } else if constexpr (std::is_same_v<typename L::context, PlainContext>) {
    return TrackedResult<T, S>(copied(l, at), shape, false);
  } else {
    if constexpr (requires { l.storage(); })
      if (l.storage()) return TrackedResult<T, S>(l.storage(), shape, l.undifferentiated());
    if constexpr (std::is_same_v<S, From>) return TrackedResult<T, S>(l);
    else return TrackedResult<T, S>(Tracked<T, S>(l.data(), shape, l.stamp(), l.slot(), l.version()));
  }
}
/// x evaluated, as a result of C.
template <class C, class T, class S, class X> Kept<C, T, S> keep(X&& x, Loc at) {
  auto l = build::dense_leaf(build::factor<T>(std::forward<X>(x), at), at);
  if constexpr (requires { typename decltype(l)::base_type; }) {  // another leaf in another shape: by itself
    using L = decltype(l);
    const auto shape = l.shape();
    auto own = build::settle(build::leaf_piece<T, typename L::shape_type>(std::move(l), shape), at);
    return Kept<C, T, S>(result_of<C, S>(own.operands, at), shape_cast<S>(shape, "tenon::scan", at));
  } else {
    return Kept<C, T, S>(result_of<C, S>(l, at), shape_cast<S>(l.shape(), "tenon::scan", at));
  }
}

template <class X>
using leaf_context_t =
    typename decltype(build::factor<dtype_of_t<X>>(std::declval<const X&>(), std::declval<Loc>()))::context;
template <class... C>
using joined_t = std::conditional_t<(std::is_same_v<C, PlainContext> && ...), PlainContext, FrameContext>;

/// What is carried from step to step: a tensor, or a tuple of them. Next: what f makes of it, of the same form.
template <class C, class First, class Next> struct Carry {
  using T = common_dtype_t<dtype_of_t<First>, dtype_of_t<Next>>;
  using type = Kept<C, T, shape_of_t<First>>;
  template <class X> static type of(X&& x, Loc at) { return keep<C, T, shape_of_t<First>>(std::forward<X>(x), at); }
  static bool same_shapes(const type& a, const type& b) { return a.shape() == b.shape(); }
  static std::string shapes(const type& a) { return to_string(a.shape()); }
};
template <class C, class... First, class... Next> struct Carry<C, std::tuple<First...>, std::tuple<Next...>> {
  static_assert(sizeof...(First) == sizeof...(Next), "tenon::scan: f returns as many carries as it is given");
  using type = std::tuple<typename Carry<C, std::remove_cvref_t<First>, std::remove_cvref_t<Next>>::type...>;
  template <class X> static type of(const X& x, Loc at) {
    return std::apply(
        [&](const auto&... each) {
          return type(Carry<C, std::remove_cvref_t<First>, std::remove_cvref_t<Next>>::of(each, at)...);
        },
        x);
  }
  static bool same_shapes(const type& a, const type& b) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (... && (std::get<I>(a).shape() == std::get<I>(b).shape()));
    }
    (std::index_sequence_for<First...>{});
  }
  static std::string shapes(const type& a) {
    std::string s;
    std::apply([&](const auto&... each) { ((s += (s.empty() ? "" : ", ") + to_string(each.shape())), ...); }, a);
    return s;
  }
};
template <class X> struct ContextOf { using type = leaf_context_t<X>; };
template <class... X> struct ContextOf<std::tuple<X...>> {
  using type = joined_t<leaf_context_t<std::remove_cvref_t<X>>...>;
};
template <class X> using context_of_t = typename ContextOf<std::remove_cvref_t<X>>::type;

/// Step t of xs: a view where that is enough.
template <class X> auto step_of(const X& xs, Index t) {
  if constexpr (requires { xs.is_contiguous(); } && shape_of_t<X>::rank > 1) return xs(t);
  else return slice(xs, t);
}
/// xs, evaluated once.
template <class X> auto steps_of(const X& xs, Loc at) {
  if constexpr (requires { typename X::tenon_owner; }) return xs.view(at);
  else if constexpr (requires { xs.is_contiguous(); }) return xs;
  else return eval(xs, at);
}

/// S with one dimension more in front.
template <Index... E> Shape<dyn, E...> steps_shape(Index n, const Shape<E...>& row, Loc at) {
  typename Shape<dyn, E...>::Extents e{n};
  for (int d = 0; d < Shape<E...>::rank; ++d) e[static_cast<std::size_t>(d) + 1] = row[d];
  return Shape<dyn, E...>(e, at);
}
/// Outputs in plain memory, or in a frame and recorded.
template <class C, class T> struct Outputs : autodiff::RowGatherer<T> { using autodiff::RowGatherer<T>::RowGatherer; };
template <class T> struct Outputs<PlainContext, T> {
  Index size, next = 0;
  memory::Storage storage;
  Outputs(Index count, Index row)
      : size(row),
        storage(checked_size(std::array<Index, 2>{count, row}, sizeof(T), Loc{}) * static_cast<Index>(sizeof(T))) {}
  template <class L> void add(const L& row, Loc) {
    const auto bytes = static_cast<std::size_t>(size) * sizeof(T);
    if (bytes > 0) std::memcpy(static_cast<T*>(storage.bytes()) + next * size, row.data(), bytes);
    ++next;
  }
  template <class S> Held<T, S> finish(const S& shape) { return {std::move(storage), shape}; }
};

}  // namespace detail

template <class CarryOf, class Y> struct ScanResult {
  CarryOf carry;  ///< after the last step
  Y y;            ///< the outputs of all steps, along a new first dimension
};

/// A loop over the first dimension of xs, as JAX's lax.scan: for each step t, [carry, y[t]] = f(carry, xs[t]).
///   auto [h, all] = scan([&](const auto& h, const auto& x) {
///     auto next = eval(tanh(matmul(x, w) + matmul(h, u)));
///     return std::pair(next, next);
///   }, h0, xs);
/// Carry:      a tensor, or a std::tuple of them (of tensors with names: std::tie(h0, c0)): f takes it as const auto& and
///             returns as many, of the same shapes; it comes back as a tuple
/// Shapes:     xs (steps, ...), f's output (...) -> carry as it was given, y (steps, ...)
/// Derivative: through every step, by the rules of what f calls: f may read parameters and values from around it. Forward
///             mode and second derivatives likewise
/// Records:    what f does, step by step, and one node that gathers the outputs
/// Cost:       that of f; a step of xs, unless a tensor or view, and each output are copied once
/// Throws:     ShapeError when xs has no steps (the outputs then have no shape), and when a shape of the carry or of the
///             output changes between steps; what f throws
template <class F, class First, tensor_like X>
auto scan(const F& f, const First& carry, const X& xs, Loc at = Loc::current()) {
  static_assert(shape_of_t<X>::rank > 0, "tenon::scan: xs is (steps, ...)");
  const Index n = xs.shape()[0];
  if (n == 0) [[unlikely]]
    throw ShapeError(at, "tenon::scan: xs of shape " + to_string(xs.shape()) + " has no steps",
                     "without a step the outputs have no shape: leave the scan out");
  const auto all_steps = detail::steps_of(xs, at);
  using Slice = decltype(detail::step_of(all_steps, Index{}));
  // How f's results are kept is asked of f: it may read parameters, or duals, that neither carry nor xs are made of.
  using Given = detail::joined_t<detail::context_of_t<First>, detail::context_of_t<X>>;
  using Trial = typename detail::Carry<Given, First, First>::type;
  using Result = std::remove_cvref_t<decltype(f(std::declval<const Trial&>(), std::declval<const Slice&>()))>;
  using NewCarry = std::remove_cvref_t<std::tuple_element_t<0, Result>>;
  using C =
      detail::joined_t<Given, detail::context_of_t<NewCarry>, detail::context_of_t<std::tuple_element_t<1, Result>>>;
  using Keeper = detail::Carry<C, First, NewCarry>;
  using Kept = typename Keeper::type;
  using Output = std::remove_cvref_t<
      std::tuple_element_t<1, decltype(f(std::declval<const Kept&>(), std::declval<const Slice&>()))>>;
  using T = dtype_of_t<Output>;
  using S = shape_of_t<Output>;

  std::optional<Kept> now(Keeper::of(carry, at));
  std::optional<detail::Outputs<C, T>> outputs;
  std::optional<S> row;
  for (Index t = 0; t < n; ++t) {
    auto [next, y] = f(std::as_const(*now), detail::step_of(all_steps, t));
    const auto kept = detail::keep<C, T, S>(y, at);
    if (t == 0) row.emplace(kept.shape()), outputs.emplace(n, kept.shape().size());
    if (!(kept.shape() == *row)) [[unlikely]]
      throw ShapeError(at,
                       "tenon::scan: the output of step " + std::to_string(t) + " has shape " +
                           to_string(kept.shape()) + " but that of the first " + to_string(*row),
                       "return outputs of one shape");
    outputs->add(kept.evaluated(at), at);
    auto after = Keeper::of(next, at);
    if (!Keeper::same_shapes(*now, after)) [[unlikely]]
      throw ShapeError(at,
                       "tenon::scan: step " + std::to_string(t) + " changes the carry from shape " +
                           Keeper::shapes(*now) + " to " + Keeper::shapes(after),
                       "return a carry of the shape that was given");
    now.emplace(std::move(after));
  }
  const auto shape = detail::steps_shape(n, *row, at);
  auto r = outputs->finish(shape);
  using R = decltype(r);
  return ScanResult<Kept, Expr<T, std::remove_const_t<decltype(shape)>, leaf, R>>{std::move(*now),
                                                                                  {std::move(r), shape}};
}

}  // namespace tenon::inline TENON_ABI
