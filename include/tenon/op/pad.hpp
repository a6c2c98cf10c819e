// pad(x, {{{1, 1}, {0, 2}}}, value)
#pragma once

#include "tenon/kernel/copy.hpp"
#include "tenon/op/slice.hpp"

namespace tenon::inline TENON_ABI {

/// y = x with before[d] elements in front of dimension d and after[d] behind it, all equal to `value`.
template <int R> struct Pad {
  static constexpr std::string_view name = "pad";
  static constexpr bool dense_operands = true;
  std::array<std::array<Index, 2>, R> width;
  double value;

  template <class S> auto shape(Loc at, const S& x) const {
    using Y = dyn_shape_t<static_cast<std::size_t>(R)>;
    typename Y::Extents e{};
    for (int d = 0; d < R; ++d) {
      const auto u = static_cast<std::size_t>(d);
      if (width[u][0] < 0 || width[u][1] < 0) [[unlikely]]
        throw ValueError(at,
                         "tenon::pad: widths " + std::to_string(width[u][0]) + " and " + std::to_string(width[u][1]) +
                             " of dimension " + std::to_string(d) + " are not both 0 or more",
                         "slice(x, range(first, last)) takes elements away");
      e[u] = width[u][0] + x[d] + width[u][1];
    }
    return Y(e, at);
  }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    kernel::fill(y.size(), y.data, static_cast<T>(static_cast<primal_t<T>>(value)));
    const Index start = start_in(y);
    detail::for_each_row(x.extent, y.stride, x.stride, [&](Index to, Index from, Index n, Index, Index) {
      kernel::write_blocks(1, n, x.data + from, 0, y.data + start + to, 0, Write::store);
    });
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X x, DX dx) const {
    if (!dx) return;
    const Index start = start_in(dy);
    detail::for_each_row(x.extent, dy.stride, dx.stride, [&](Index from, Index to, Index n, Index, Index) {
      kernel::write_blocks(1, n, dy.data + start + from, 0, dx.data + to, 0, dx.mode);
    });
  }

 private:
  template <class Y> Index start_in(const Y& y) const {
    Index o = 0;
    for (std::size_t d = 0; d < y.stride.size(); ++d) o += width[d][0] * y.stride[d];
    return o;
  }
};

/// x with a border: pad(x, {{{1, 1}, {0, 2}}}) puts a row of zeros above and below a matrix and two columns behind it.
/// NumPy's pad with mode "constant".
/// Shapes:     width[d] = {before, after} elements more in dimension d; extents known at run time
/// Derivative: the inner part of dy
/// Throws:     ValueError for a negative width
template <tensor_like X>
auto pad(X&& x, const std::array<std::array<Index, 2>, static_cast<std::size_t>(shape_of_t<X>::rank)>& width,
         double value = 0, Loc at = Loc::current()) {
  return structured(Pad<shape_of_t<X>::rank>{width, value}, at, std::forward<X>(x));
}

}  // namespace tenon::inline TENON_ABI
