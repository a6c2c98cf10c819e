// cumsum(x, axis<0>)
#pragma once

#include "tenon/op/along.hpp"

namespace tenon::inline TENON_ABI {

/// y[i] = x[0] + ... + x[i] along an axis.
/// Shapes:     y has the shape of x
/// Derivative: dx[i] = dy[i] + ... + dy[n - 1]
/// Accuracy:   added one by one in the dtype of x, so the error grows with i
/// Throws:     nothing; integers wrap round
struct Cumsum {
  static constexpr std::string_view name = "cumsum";
  static constexpr bool dense_operands = true;
  int axis;

  template <class S> S shape(Loc, const S& x) const { return x; }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    run(y.extent, x.data, y.data, false, Write::store);
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X, DX dx) const {
    if (dx) run(dy.extent, dy.data, dx.data, true, dx.mode);
  }

 private:
  /// Running sums of rows of up to `width` columns.
  template <std::size_t R, class T>
  void run(const std::array<Index, R>& extent, const T* x, T* y, bool backwards, Write mode) const {
    constexpr Index width = 256;
    const detail::Lines l = detail::lines_along(axis, extent);
    for (Index o = 0; o < l.outer; ++o)
      for (Index first = 0; first < l.inner; first += width) {
        const Index columns = l.inner - first < width ? l.inner - first : width;
        T sum[width];
        kernel::fill(columns, sum, T(0));
        for (Index k = 0; k < l.length; ++k) {
          const Index at = o * l.block() + (backwards ? l.length - 1 - k : k) * l.inner + first;
          for (Index j = 0; j < columns; ++j) {
            sum[j] = wrapped(sum[j], x[at + j]);
            kernel::put(y[at + j], sum[j], mode);
          }
        }
      }
  }
  template <class T> static T wrapped(T a, T b) {
    using W = typename rule::Wrapping<T>::type;
    return static_cast<T>(static_cast<W>(a) + static_cast<W>(b));
  }
};
template <tensor_like X, int D> auto cumsum(X&& x, Axis<D>, Loc at = Loc::current()) {
  using T = dtype_of_t<X>;
  static_assert(!is_half_v<T> && !std::is_same_v<T, bool>,
                "tenon::cumsum: of numbers of 32 bits and more; write cast<float>(x)");
  return structured(Cumsum{detail::axis_number<shape_of_t<X>::rank, D>()}, at, std::forward<X>(x));
}

}  // namespace tenon::inline TENON_ABI
