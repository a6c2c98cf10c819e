// huber(x, y, delta)
#pragma once

#include "tenon/op/loss.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/subtract.hpp"

namespace tenon::inline TENON_ABI {

/// y = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2), elementwise.
/// Shapes:     d and delta broadcast
/// Derivative: dy/dd = d within delta, else delta sign(d); dy/ddelta = |d| - delta outside, 0 within
/// Accuracy:   2 ulp
/// Edge:       NaN passes
struct HuberOf {
  static constexpr std::string_view name = "huber";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr bool floating_only = true;
  template <class X> static X value(X d, X delta) {
    using std::abs;
    const X a = abs(d);
    return select(a <= delta, X(0.5) * d * d, delta * (a - X(0.5) * delta));
  }
  template <int J, class X, class Y> static Y partial(X d, X delta, Y) {
    if constexpr (J == 0) return select(d > delta, delta, select(d < -delta, -delta, d));
    else return select(d > delta, d - delta, select(d < -delta, -d - delta, X(0)));
  }
};

/// Huber's loss: squares for errors up to delta, lengths beyond; the mean over all elements, in one loop, as PyTorch's
/// huber_loss.
/// Shapes:     x and y of one shape, or y a number -> ()
/// Derivative: dx = clamp(x - y, -delta, delta) dy / n, and the opposite for y
/// Accuracy:   as mean
/// Edge:       no elements give NaN, as PyTorch
/// Throws:     ValueError unless delta > 0; ShapeError when run-time shapes differ; static ones, and two dtypes, do not
///             compile
/// Source:     Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35(1), 1964
template <tensor_like X, operand Y> auto huber(X&& x, Y&& y, double delta = 1, Loc at = Loc::current()) {
  detail::check_target("huber", x, y, at);
  if (!(delta > 0)) [[unlikely]]
    throw ValueError(at, "tenon::huber: delta is " + std::to_string(delta), "give a positive delta");
  return mean(apply<HuberOf>(std::forward<X>(x) - std::forward<Y>(y), delta));
}

}  // namespace tenon::inline TENON_ABI
