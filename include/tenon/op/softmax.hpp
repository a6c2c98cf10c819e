// softmax(x, axis), log_softmax(x, axis)
#pragma once

#include <string_view>

#include "tenon/kernel/softmax.hpp"
#include "tenon/op/exp.hpp"  // of duals, and log: the kernels find them by argument
#include "tenon/op/log.hpp"
#include "tenon/shape/span.hpp"
#include "tenon/tensor/reduce.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

/// Calls f(first element in each span...) for each line along `axis`. Pre: the spans have the same extents
template <class F, class T, int R, class... More>
void for_each_line(int axis, F f, const Span<T, R>& first, const More&... more) {
  Index lines = 1;
  for (int d = 0; d < R; ++d)
    if (d != axis) lines *= first.extent[static_cast<std::size_t>(d)];
  if (first.extent[static_cast<std::size_t>(axis)] == 0) return;
  for (Index line = 0; line < lines; ++line) {
    auto start = [&](const auto& s) {
      Index rest = line, o = 0;
      for (int d = R - 1; d >= 0; --d) {
        const auto u = static_cast<std::size_t>(d);
        if (d == axis) continue;
        o += rest % s.extent[u] * s.stride[u];
        rest /= s.extent[u];
      }
      return s.data + o;
    };
    f(start(first), start(more)...);
  }
}

/// What runs Line::forward and Line::backward on each line of elements along an axis.
template <class Line> struct AlongAxis {
  int axis;

  template <class S> S shape(Loc, const S& x) const { return x; }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    const auto u = static_cast<std::size_t>(axis);
    const Index n = x.extent[u], sx = x.stride[u], sy = y.stride[u];
    for_each_line(
        axis, [&](auto* py, const auto* px) { Line::forward(n, px, sx, py, sy); }, y, x);
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y y, DY dy, X, DX dx) const {
    using T = std::remove_reference_t<decltype(*dx.data)>;
    const auto u = static_cast<std::size_t>(axis);
    const Index n = y.extent[u], s = y.stride[u];
    if (!dx) return;
    for_each_line(
        axis, [&](const auto* py, const auto* pdy, auto* pdx) { Line::backward(n, py, pdy, pdx, s, dx.mode); }, y, dy,
        static_cast<const Span<T, rank_of<DX>>&>(dx));
  }
};
struct SoftmaxLine {
  static void forward(Index n, const auto* x, Index sx, auto* y, Index sy) { kernel::softmax(n, x, sx, y, sy); }
  static void backward(Index n, const auto* y, const auto* dy, auto* dx, Index stride, Write mode) {
    kernel::softmax_backward(n, y, dy, dx, stride, mode);
  }
};
struct LogSoftmaxLine {
  static void forward(Index n, const auto* x, Index sx, auto* y, Index sy) { kernel::log_softmax(n, x, sx, y, sy); }
  static void backward(Index n, const auto* y, const auto* dy, auto* dx, Index stride, Write mode) {
    kernel::log_softmax_backward(n, y, dy, dx, stride, mode);
  }
};
template <class X, int D> consteval int checked_axis() {
  constexpr int rank = shape_of_t<X>::rank;
  static_assert(D < rank && D >= -rank, "tenon: an axis is outside the tensor's rank");
  static_assert(is_dual_v<dtype_of_t<X>> || std::is_floating_point_v<dtype_of_t<X>>,
                "tenon: this op needs a floating dtype; write cast<float>(x)");
  return D < 0 ? D + rank : D;
}
}  // namespace detail

/// y = exp(x) / sum(exp(x)) along an axis: softmax(x, axis<1>).
/// Shapes:     y has the shape of x
/// Derivative: dx = y (dy - sum(dy y))
/// Accuracy:   4 ulp of y, or 1e-7 absolute in float
/// Edge:       a line of -inf, or with inf or NaN, gives NaN, as PyTorch
/// Throws:     nothing; an integer or 16-bit tensor does not compile
struct Softmax : detail::AlongAxis<detail::SoftmaxLine> {
  static constexpr std::string_view name = "softmax";
};
/// y = x - log(sum(exp(x))) along an axis: log_softmax(x, axis<1>).
/// Shapes:     y has the shape of x
/// Derivative: dx = dy - exp(y) sum(dy)
/// Accuracy:   4 ulp of the larger of |y| and 1
/// Edge:       as softmax
/// Throws:     nothing; an integer or 16-bit tensor does not compile
struct LogSoftmax : detail::AlongAxis<detail::LogSoftmaxLine> {
  static constexpr std::string_view name = "log_softmax";
};

template <tensor_like X, int D> auto softmax(X&& x, Axis<D>, Loc at = Loc::current()) {
  return structured(Softmax{{detail::checked_axis<X, D>()}}, at, std::forward<X>(x));
}
template <tensor_like X, int D> auto log_softmax(X&& x, Axis<D>, Loc at = Loc::current()) {
  return structured(LogSoftmax{{detail::checked_axis<X, D>()}}, at, std::forward<X>(x));
}

}  // namespace tenon::inline TENON_ABI
