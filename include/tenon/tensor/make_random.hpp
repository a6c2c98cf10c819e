// uniform(rng, shape, low, high), normal(rng, shape, mean, stddev)
//
// Shapes: uniform<float>(rng, {n, m}), uniform<float>(rng, n, m), uniform<float>(rng, x.shape()),
// uniform<float, 2, 3>(rng). The bounds follow braces, a shape, or nothing when all extents are static:
// uniform<float>(rng, {n, m}, -1, 1), uniform<float, 2, 3>(rng, -1, 1). A frame stands before the generator:
// normal<float>(scope, rng, {n, m}).
#pragma once

#include "tenon/base/random.hpp"
#include "tenon/tensor/make.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

struct DrawUniform {
  template <class T, class... Bounds> static void fill(Rng& rng, T* p, Index n, Loc at, Bounds... b) {
    using C = compute_t<T>;
    if constexpr (sizeof...(b) == 0) rng.fill_uniform(p, n, C(0), C(1), at);
    else rng.fill_uniform(p, n, static_cast<C>(b)..., at);
  }
};
struct DrawNormal {
  template <class T, class... Bounds> static void fill(Rng& rng, T* p, Index n, Loc, Bounds... b) {
    rng.fill_normal(p, n, static_cast<compute_t<T>>(b)...);
  }
};
template <class Draw, class T, class Place, class S, class... Bounds>
auto draw_in(Place&& place, Rng& rng, const S& shape, Loc at, Bounds... b) {
  static_assert(is_half_v<T> || std::is_floating_point_v<T>,
                "tenon: random numbers are of a floating dtype; cast the result");
  static_assert(sizeof...(b) == 0 || sizeof...(b) == 2,
                "tenon: two numbers follow the shape: low and high, or mean and standard deviation");
  return place.template make<T>(
      shape, [&](T* p) { Draw::fill(rng, p, shape.size(), at, b...); }, at);
}
/// From (extents...), (shape, bounds...) or, where E... says it all, (bounds...).
template <class Draw, class T, Index... E, class Place, class... A> auto draw(Place&& place, Rng& rng, const A&... a) {
  if constexpr (sizeof...(E) > 0 && Shape<E...>::is_static)
    return draw_in<Draw, T>(place, rng, Shape<E...>{}, Loc{}, a...);
  else if constexpr (extent_arguments<A...>) return draw_in<Draw, T>(place, rng, shape_from<E...>(Loc{}, a...), Loc{});
  else
    return [&](const auto& shape, auto... bounds) {
      return draw_in<Draw, T>(place, rng, shape_from<E...>(Loc{}, shape), Loc{}, bounds...);
    }(a...);
}
/// What may follow the generator.
template <class A> inline constexpr bool draw_argument = std::is_arithmetic_v<A> || is_shape_v<A>;

}  // namespace detail

/// Uniform in [low, high), [0, 1) where not said: reproducible, each element takes one position of the generator.
/// Throws:  ValueError unless low <= high and high - low is finite
template <class T, Index... E, class... A>
requires(detail::draw_argument<A>&&...) auto uniform(Rng& rng, const A&... a) {
  return detail::draw<detail::DrawUniform, T, E...>(detail::Heap{}, rng, a...);
}
template <class T, Index... E, frame_like F, class... A>
requires(detail::draw_argument<A>&&...) auto uniform(F& frame, Rng& rng, const A&... a) {
  return detail::draw<detail::DrawUniform, T, E...>(frame, rng, a...);
}
template <class T, Index... E, std::size_t R>
auto uniform(Rng& rng, const Extent (&extent)[R], std::type_identity_t<compute_t<T>> low = 0,
             std::type_identity_t<compute_t<T>> high = 1, Loc at = Loc::current()) {
  return detail::draw_in<detail::DrawUniform, T>(detail::Heap{}, rng, shape_from<E...>(at, extent), at, low, high);
}
template <class T, Index... E, frame_like F, std::size_t R>
auto uniform(F& frame, Rng& rng, const Extent (&extent)[R], std::type_identity_t<compute_t<T>> low = 0,
             std::type_identity_t<compute_t<T>> high = 1, Loc at = Loc::current()) {
  return detail::draw_in<detail::DrawUniform, T>(frame, rng, shape_from<E...>(at, extent), at, low, high);
}

/// Normal with the given mean and standard deviation, 0 and 1 where not said; reproducible likewise.
template <class T, Index... E, class... A>
requires(detail::draw_argument<A>&&...) auto normal(Rng& rng, const A&... a) {
  return detail::draw<detail::DrawNormal, T, E...>(detail::Heap{}, rng, a...);
}
template <class T, Index... E, frame_like F, class... A>
requires(detail::draw_argument<A>&&...) auto normal(F& frame, Rng& rng, const A&... a) {
  return detail::draw<detail::DrawNormal, T, E...>(frame, rng, a...);
}
template <class T, Index... E, std::size_t R>
auto normal(Rng& rng, const Extent (&extent)[R], std::type_identity_t<compute_t<T>> mean = 0,
            std::type_identity_t<compute_t<T>> stddev = 1, Loc at = Loc::current()) {
  return detail::draw_in<detail::DrawNormal, T>(detail::Heap{}, rng, shape_from<E...>(at, extent), at, mean, stddev);
}
template <class T, Index... E, frame_like F, std::size_t R>
auto normal(F& frame, Rng& rng, const Extent (&extent)[R], std::type_identity_t<compute_t<T>> mean = 0,
            std::type_identity_t<compute_t<T>> stddev = 1, Loc at = Loc::current()) {
  return detail::draw_in<detail::DrawNormal, T>(frame, rng, shape_from<E...>(at, extent), at, mean, stddev);
}

}  // namespace tenon::inline TENON_ABI
