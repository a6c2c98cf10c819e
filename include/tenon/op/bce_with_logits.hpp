// bce_with_logits(x, y)
#pragma once

#include "tenon/op/loss.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/sigmoid.hpp"

namespace tenon::inline TENON_ABI {

/// z = -y log(sigmoid(x)) - (1 - y) log(1 - sigmoid(x)), elementwise, computed as log(1 + exp(-|x|)) plus (1 - y) x
/// where x > 0, else -y x: nothing overflows, and a sure and right answer keeps its digits.
/// Shapes:     x and y broadcast
/// Derivative: dz/dx = sigmoid(x) - y; dz/dy = -x
/// Accuracy:   4 ulp for y in [0, 1]
/// Edge:       NaN passes; an infinite x gives inf where it is wrong, NaN where it is right, as PyTorch
struct BceOf {
  static constexpr std::string_view name = "bce_with_logits";
  static constexpr auto derivative_reads = Reads::inputs;
  static constexpr auto cost = Cost::transcendental;
  static constexpr bool floating_only = true;
  template <class X> static X value(X x, X y) {
    using simd::softplus;
    using std::abs;
    return select(x > X(0), (X(1) - y) * x, -(y * x)) + softplus(-abs(x));
  }
  template <int J, class X, class Z> static Z partial(X x, X y, Z) {
    using simd::sigmoid;
    if constexpr (J == 0) return sigmoid(x) - y;
    else return -x;
  }
};

/// Binary cross-entropy of logits, in nats: the mean over all elements, in one loop. y is the probability of "yes": 0,
/// 1 or between.
/// Shapes:     x and y of one shape, or y a number -> ()
/// Derivative: dx = (sigmoid(x) - y) dz / n; dy = -x dz / n
/// Accuracy:   as mean
/// Edge:       no elements give NaN, as PyTorch
/// Throws:     ShapeError when run-time shapes differ; static ones, and two dtypes, do not compile
template <tensor_like X, operand Y> auto bce_with_logits(X&& x, Y&& y, Loc at = Loc::current()) {
  detail::check_target("bce_with_logits", x, y, at);
  return mean(apply<BceOf>(std::forward<X>(x), std::forward<Y>(y)));
}

}  // namespace tenon::inline TENON_ABI
