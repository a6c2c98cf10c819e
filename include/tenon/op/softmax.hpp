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

/// What runs Line's loops on the lines of elements along an axis.
template <class Line> struct AlongAxis {
  static constexpr bool dense_operands = true;
  int axis;

  template <class S> S shape(Loc, const S& x) const { return x; }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    lines(
        y, [&](Index at, Index n) { Line::forward(n, x.data + at, y.data + at); },
        [&](Index at, kernel::Columns<T> block) { Line::forward(block, x.data + at, y.data + at); });
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y y, DY dy, X, DX dx) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    lines(
        y, [&](Index at, Index n) { Line::backward(n, y.data + at, dy.data + at, dx.data + at, dx.mode); },
        [&](Index at, kernel::Columns<T> block) {
          Line::backward(block, y.data + at, dy.data + at, dx.data + at, dx.mode);
        });
  }

 private:
  template <class Y, class F, class G> void lines(const Y& y, F line, G block) const {
    using T = std::remove_cvref_t<decltype(*y.data)>;
    Index outer = 1, inner = 1;
    const auto u = static_cast<std::size_t>(axis);
    for (std::size_t d = 0; d < y.extent.size(); ++d) (d < u ? outer : inner) *= d == u ? 1 : y.extent[d];
    const Index n = y.extent[u];
    if (n == 0 || outer == 0 || inner == 0) return;
    kernel::for_each_line(
        outer, n, inner, kernel::Columns<T>::width, 1, [&](Index at) { line(at, n); },
        [&](Index at, Index columns) {
          block(at, kernel::Columns<T>{n, inner, columns});
        });
  }
};
struct SoftmaxLine {
  template <class T> static void forward(Index n, const T* x, T* y) { kernel::softmax(n, x, y); }
  template <class T> static void forward(kernel::Columns<T> c, const T* x, T* y) { c.softmax(x, y); }
  template <class T> static void backward(Index n, const T* y, const T* dy, T* dx, Write mode) {
    kernel::softmax_backward(n, y, dy, dx, mode);
  }
  template <class T> static void backward(kernel::Columns<T> c, const T* y, const T* dy, T* dx, Write mode) {
    c.softmax_backward(y, dy, dx, mode);
  }
};
struct LogSoftmaxLine {
  template <class T> static void forward(Index n, const T* x, T* y) { kernel::log_softmax(n, x, y); }
  template <class T> static void forward(kernel::Columns<T> c, const T* x, T* y) { c.log_softmax(x, y); }
  template <class T> static void backward(Index n, const T* y, const T* dy, T* dx, Write mode) {
    kernel::log_softmax_backward(n, y, dy, dx, mode);
  }
  template <class T> static void backward(kernel::Columns<T> c, const T* y, const T* dy, T* dx, Write mode) {
    c.log_softmax_backward(y, dy, dx, mode);
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
/// Cost:       three passes over a line in L1, one exp an element; a view with gaps is copied first
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
