// Making tensors: zeros, ones, full, eye. make_range.hpp has arange and linspace, make_random.hpp uniform and normal,
// from_vector.hpp copies what lies elsewhere, unsafe_borrow.hpp lends it.
//
// Each takes its extents in one of these forms; T stands first, always:
//   zeros<float>(n, m)          rank from the arguments, all extents run-time
//   zeros<float>({n, m})        the same, in braces
//   zeros<float, dyn, 3>(n, 3)  with those that the type knows
//   zeros<float, 2, 3>()        all static: nothing to say
//   zeros<float>(x.shape())     those of a shape, static where it is
// and, with a frame before them (a Step or Scope), makes a Value in that frame instead of a Tensor:
//   zeros<float>(scope, n, m)
#pragma once

#include "tenon/shape/extents.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

/// A Step or Scope: its make() places a Value.
template <class F>
concept frame_like = requires(F& f, void (*fill)(float*)) {
  f.template make<float>(Shape<>{}, fill);
};

namespace detail {

/// Where tensors go that no frame is given for.
struct Heap {
  template <class T, Index... E, class F> Tensor<T, E...> make(const Shape<E...>& shape, F fill, Loc at) const {
    Uninit<T, E...> u(shape, at);
    fill(u.data());
    return std::move(u).assume_init();
  }
};

/// Calls make(frame or Heap, the other arguments...).
template <class Make, class... A> auto at_place(Make make, A&... a) { return make(Heap{}, a...); }
template <class Make, frame_like F, class... A> auto at_place(Make make, F& frame, A&... a) {
  return make(frame, a...);
}
template <class... A> inline constexpr bool placed_extents = extent_arguments<A...>;
template <frame_like F, class... A> inline constexpr bool placed_extents<F&, A...> = extent_arguments<A...>;

/// A tensor of the shape that E... and the arguments name, filled by fill(T*, shape).
template <class T, Index... E, class Fill, class... A> auto filled(Fill fill, Loc at, A&... a) {
  return at_place(
      [&](auto&& place, auto&... extents) {
        const auto shape = shape_from<E...>(at, extents...);
        return place.template make<T>(
            shape, [&](T* p) { fill(p, shape); }, at);
      },
      a...);
}
template <class T, Index... E, class Place, class Fill, std::size_t R>
auto filled_in(Place&& place, const Extent (&extent)[R], Fill fill, Loc at) {
  const auto shape = shape_from<E...>(at, extent);
  return place.template make<T>(
      shape, [&](T* p) { fill(p, shape); }, at);
}

template <class T> struct FillWith {
  T value;
  template <class S> void operator()(T* p, const S& shape) const {
    for (Index i = 0, n = shape.size(); i < n; ++i) p[i] = value;
  }
};
template <class T> struct FillEye {
  template <class S> void operator()(T* p, const S& shape) const {
    static_assert(S::rank == 2, "tenon::eye: a matrix: eye<float>(n), eye<float>(rows, columns), eye<float, 3>()");
    for (Index i = 0, n = shape.size(); i < n; ++i) p[i] = T(0);
    for (Index i = 0; i < shape[0] && i < shape[1]; ++i) p[i * shape[1] + i] = T(1);
  }
};

}  // namespace detail

/// Frames and extents in any of the forms above.
template <class... A>
concept creation_arguments = detail::placed_extents<A...>;

/// All 0.
template <class T, Index... E, class... A>
requires creation_arguments<A...>
auto zeros(A&&... a) { return detail::filled<T, E...>(detail::FillWith<T>{T(0)}, Loc{}, a...); }
template <class T, Index... E, std::size_t R> auto zeros(const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::filled_in<T, E...>(detail::Heap{}, extent, detail::FillWith<T>{T(0)}, at);
}
template <class T, Index... E, frame_like F, std::size_t R>
auto zeros(F& frame, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::filled_in<T, E...>(frame, extent, detail::FillWith<T>{T(0)}, at);
}
/// All 1.
template <class T, Index... E, class... A>
requires creation_arguments<A...>
auto ones(A&&... a) { return detail::filled<T, E...>(detail::FillWith<T>{T(1)}, Loc{}, a...); }
template <class T, Index... E, std::size_t R> auto ones(const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::filled_in<T, E...>(detail::Heap{}, extent, detail::FillWith<T>{T(1)}, at);
}
template <class T, Index... E, frame_like F, std::size_t R>
auto ones(F& frame, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::filled_in<T, E...>(frame, extent, detail::FillWith<T>{T(1)}, at);
}
/// All `value`, which stands before the extents: full<float>(0.5f, n, m), full<float, 2, 3>(0.5f).
template <class T, Index... E, class... A>
requires creation_arguments<A...>
auto full(std::type_identity_t<T> value, A&&... a) {
  return detail::filled<T, E...>(detail::FillWith<T>{value}, Loc{}, a...);
}
template <class T, Index... E, std::size_t R>
auto full(std::type_identity_t<T> value, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::filled_in<T, E...>(detail::Heap{}, extent, detail::FillWith<T>{value}, at);
}
template <class T, Index... E, frame_like F, class... A>
requires extent_arguments<A...>
auto full(F& frame, std::type_identity_t<T> value, A... a) {
  return detail::filled<T, E...>(detail::FillWith<T>{value}, Loc{}, frame, a...);
}
template <class T, Index... E, frame_like F, std::size_t R>
auto full(F& frame, std::type_identity_t<T> value, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::filled_in<T, E...>(frame, extent, detail::FillWith<T>{value}, at);
}

/// A matrix of 1 on the diagonal, 0 elsewhere: eye<float>(n) is square, eye<float>(n, m) need not be; eye<float, 3>().
template <class T, Index... E, class... A>
requires creation_arguments<A...>
auto eye(A&&... a) {
  if constexpr (sizeof...(E) == 1) {
    return eye<T, E..., E...>(a...);
  } else {
    return detail::at_place(
        [](auto&& place, auto... extents) {
          const auto shape = [&] {
            if constexpr (sizeof...(E) == 0 && sizeof...(extents) == 1 && (std::integral<decltype(extents)> && ...))
              return shape_from(Loc{}, extents..., extents...);
            else return shape_from<E...>(Loc{}, extents...);
          }();
          return place.template make<T>(
              shape, [&](T* p) { detail::FillEye<T>{}(p, shape); }, Loc{});
        },
        a...);
  }
}

}  // namespace tenon::inline TENON_ABI
