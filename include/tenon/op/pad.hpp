// pad(x, {{{1, 1}, {0, 2}}}, value), pad(x, {{{1, 1}, {0, 2}}}, PadMode::reflect)
#pragma once

#include "tenon/kernel/copy.hpp"
#include "tenon/op/slice.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

/// x's shape with a border.
template <class S, std::size_t R>
auto padded_shape(const S& x, const std::array<std::array<Index, 2>, R>& width, Loc at) {
  using Y = dyn_shape_t<R>;
  typename Y::Extents e{};
  for (std::size_t u = 0; u < R; ++u) {
    const int d = static_cast<int>(u);
    if (width[u][0] < 0 || width[u][1] < 0) [[unlikely]]
      throw ValueError(at,
                       "tenon::pad: widths " + std::to_string(width[u][0]) + " and " + std::to_string(width[u][1]) +
                           " of dimension " + std::to_string(d) + " are not both 0 or more",
                       "slice(x, range(first, last)) takes elements away");
    e[u] = width[u][0] + x[d] + width[u][1];
  }
  return Y(e, at);
}

}  // namespace detail

/// y = x with before[d] elements in front of dimension d and after[d] behind it, all equal to `value`.
template <int R> struct Pad {
  static constexpr std::string_view name = "pad";
  static constexpr bool dense_operands = true;
  std::array<std::array<Index, 2>, R> width;
  double value;

  template <class S> auto shape(Loc at, const S& x) const { return detail::padded_shape(x, width, at); }
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

/// What a border repeats: x mirrored at its first and last element (those once), these elements themselves, or x from its
/// other end. NumPy's "reflect", "edge" and "wrap", PyTorch's "reflect", "replicate" and "circular".
enum class PadMode : unsigned char { reflect, replicate, circular };

/// y = x with a border of x's own elements.
template <int R> struct PadBy {
  static_assert(R > 0, "tenon::pad: a number has no border");
  static constexpr std::string_view name = "pad";
  static constexpr bool dense_operands = true;
  std::array<std::array<Index, 2>, R> width;
  PadMode mode;

  template <class S> auto shape(Loc at, const S& x) const {
    const auto y = detail::padded_shape(x, width, at);
    for (std::size_t d = 0; d < R; ++d) {
      const Index n = x[static_cast<int>(d)], wide = width[d][0] > width[d][1] ? width[d][0] : width[d][1];
      const Index most = mode == PadMode::reflect ? n - 1 : n;
      if (wide > 0 && (n < 1 || (mode != PadMode::replicate && wide > most))) [[unlikely]]
        throw ShapeError(at,
                         "tenon::pad: x of shape " + to_string(x) + " has too few elements in dimension " +
                             std::to_string(d) + " for a border of " + std::to_string(wide),
                         "make the border smaller, or pad with a number");
    }
    return y;
  }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    const auto [before, after] = width[R - 1];
    const Index n = x.extent[R - 1];
    for_each_line(y.extent, x, [&, b = before, a = after](Index to, Index from) {
      T* line = y.data + to;
      const T* source = x.data + from;
      for (Index j = 0; j < b; ++j) line[j] = source[source_of(R - 1, j, n)];
      kernel::write_blocks(1, n, source, 0, line + b, 0, Write::store);
      for (Index j = b + n; j < b + n + a; ++j) line[j] = source[source_of(R - 1, j, n)];
    });
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X x, DX dx) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    if (dx.mode == Write::store) kernel::fill(dx.size(), dx.data, T(0));
    const Index n = x.extent[R - 1], b = width[R - 1][0], m = dy.extent[R - 1];
    for_each_line(dy.extent, x, [&](Index from, Index to) {
      const T* line = dy.data + from;
      T* target = dx.data + to;
      const auto add = [&](Index j) { target[source_of(R - 1, j, n)] = target[source_of(R - 1, j, n)] + line[j]; };
      for (Index j = 0; j < b; ++j) add(j);
      kernel::write_blocks(1, n, line + b, 0, target, 0, Write::add);
      for (Index j = b + n; j < m; ++j) add(j);
    });
  }

 private:
  /// Where element i of y in dimension d, of n elements in x, comes from.
  Index source_of(std::size_t d, Index i, Index n) const {
    const Index j = i - width[d][0];
    if (j >= 0 && j < n) return j;
    if (mode == PadMode::replicate) return j < 0 ? 0 : n - 1;
    if (mode == PadMode::circular) return j < 0 ? j + n : j - n;
    return j < 0 ? -j : 2 * (n - 1) - j;
  }
  /// f(offset of a line of y, offset of the line of x that it repeats)
  template <class E, class X, class F> void for_each_line(const E& y, const X& x, F f) const {
    const Index lines = count_of(y, all_dims(R - 1));
    for (Index k = 0; k < lines && y[R - 1] > 0; ++k) {
      Index from = 0, rest = k;
      for (std::size_t d = R - 1; d-- > 0; rest /= y[d]) from += source_of(d, rest % y[d], x.extent[d]) * x.stride[d];
      f(k * y[R - 1], from);
    }
  }
};
/// x with a border of its own elements: pad(x, {{{1, 1}, {0, 2}}}, PadMode::reflect).
/// Shapes:     as pad with a number
/// Derivative: each dy is added to the element that it repeats
/// Throws:     ValueError for a negative width; ShapeError for a border that x has not the elements for: at most extent - 1
///             to reflect, extent for circular, any for replicate unless there is no element
template <tensor_like X>
auto pad(X&& x, const std::array<std::array<Index, 2>, static_cast<std::size_t>(shape_of_t<X>::rank)>& width,
         PadMode mode, Loc at = Loc::current()) {
  return structured(PadBy<shape_of_t<X>::rank>{width, mode}, at, std::forward<X>(x));
}

}  // namespace tenon::inline TENON_ABI
