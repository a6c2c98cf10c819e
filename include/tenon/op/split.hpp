// split<N>(x, axis<1>)
#pragma once

#include "tenon/op/along.hpp"

namespace tenon::inline TENON_ABI {

/// y = part k of `Count` equal parts of x along axis D.
template <int D, Index Count> struct SplitPart {
  static constexpr std::string_view name = "split";
  static constexpr bool dense_operands = true;
  Index k;

  template <class S> auto shape(Loc at, const S& x) const {
    constexpr Index known = S::pattern[static_cast<std::size_t>(D)];
    static_assert(known == dyn || known % Count == 0, "tenon::split: the extent is not a multiple of the parts");
    if (x[D] % Count != 0) [[unlikely]]
      throw ShapeError(at,
                       "tenon::split: " + std::to_string(Count) + " equal parts of shape " + to_string(x) +
                           " along dimension " + std::to_string(D),
                       "give a number of parts that divides the extent, or slice");
    return detail::with_extent<D, (known == dyn ? dyn : known / Count)>(x, x[D] / Count, at);
  }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    const detail::Lines l = detail::lines_along(D, y.extent);
    kernel::write_blocks(l.outer, l.block(), x.data + k * l.block(), Count * l.block(), y.data, l.block(),
                         Write::store);
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X, DX dx) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    const detail::Lines l = detail::lines_along(D, dy.extent);
    if (dx.mode == Write::store) kernel::fill(dx.size(), dx.data, T(0));
    kernel::write_blocks(l.outer, l.block(), dy.data, l.block(), dx.data + k * l.block(), Count * l.block(),
                         Write::add);
  }
};

/// `Count` equal parts of x along an axis, in order: auto [q, k, v] = split<3>(qkv, axis<-1>).
/// Shapes:     the extent at the axis divided by Count
/// Derivative: each part's dy is added at its place
/// Cost:       copies x once in all
/// Throws:     ShapeError when the extent is not a multiple of Count; a static one does not compile
template <Index Count, tensor_like X, int D> auto split(X&& x, Axis<D>, Loc at = Loc::current()) {
  static_assert(Count > 0, "tenon::split: a number of parts");
  using Op = SplitPart<detail::axis_number<shape_of_t<X>::rank, D>(), Count>;
  const auto known = eval(std::forward<X>(x), at);
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    using Part = decltype(structured(Op{0}, at, known));
    return std::array<Part, sizeof...(K)>{structured(Op{static_cast<Index>(K)}, at, known)...};
  }
  (std::make_index_sequence<static_cast<std::size_t>(Count)>{});
}

}  // namespace tenon::inline TENON_ABI
