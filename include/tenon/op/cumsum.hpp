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
  template <std::size_t R, class T>
  void run(const std::array<Index, R>& extent, const T* x, T* y, bool backwards, Write mode) const {
    const detail::Lines l = detail::lines_along(axis, extent);
    if (l.inner == 1) return lines(l.outer, l.length, x, y, backwards, mode);
    for (Index o = 0; o < l.outer; ++o)
      for (Index first = 0; first < l.inner; first += width)
        columns(l, o * l.block() + first, l.inner - first < width ? l.inner - first : width, x, y, backwards, mode);
  }
  static constexpr Index width = 1024;
  /// Running sums of a few columns side by side, from offset `at` on.
  template <class T>
  static void columns(const detail::Lines& l, Index at, Index n, const T* x, T* y, bool backwards, Write mode) {
    T sum[width];
    kernel::fill(n, sum, T(0));
    [[maybe_unused]] const T* before = sum;
    for (Index k = 0; k < l.length; ++k) {
      const T* from = x + at + (backwards ? l.length - 1 - k : k) * l.inner;
      T* to = y + (from - x);
      if constexpr (kernel::has_lanes<T>) {
        if (mode == Write::store) {  // the row before holds its sum
          kernel::for_line<T>(
              n, [&](auto lanes) TENON_INLINE_LAMBDA { lanes.store(to, lanes.load(before) + lanes.load(from)); });
          before = to;
        } else {
          kernel::for_line<T>(n, [&](auto lanes) TENON_INLINE_LAMBDA {
            const auto s = lanes.load(sum) + lanes.load(from);
            lanes.store(sum, s);
            lanes.store(to, lanes.load(to) + s);
          });
        }
      } else {
        for (Index j = 0; j < n; ++j) kernel::put(to[j], sum[j] = wrapped(sum[j], from[j]), mode);
      }
    }
  }
  /// Running sums of `count` lines, some at once: one alone waits for each addition.
  template <class T> static void lines(Index count, Index n, const T* x, T* y, bool backwards, Write mode) {
    constexpr Index together = 8;
    Index i = 0;
    for (; i + together <= count; i += together) some_lines<together>(n, x + i * n, y + i * n, backwards, mode);
    for (; i < count; ++i) some_lines<1>(n, x + i * n, y + i * n, backwards, mode);
  }
  template <Index N, class T> static void some_lines(Index n, const T* x, T* y, bool backwards, Write mode) {
    T sum[N];
    simd::unrolled<N>([&](Index i) TENON_INLINE_LAMBDA { sum[i] = T(0); });
    for (Index k = 0; k < n; ++k) {
      const Index at = backwards ? n - 1 - k : k;
      simd::unrolled<N>([&](Index i) TENON_INLINE_LAMBDA {
        sum[i] = wrapped(sum[i], x[i * n + at]);
        kernel::put(y[i * n + at], sum[i], mode);
      });
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
