// mse(x, y)
#pragma once

#include "tenon/op/loss.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/square.hpp"
#include "tenon/op/subtract.hpp"

namespace tenon::inline TENON_ABI {

/// Mean squared error: the mean of (x - y)^2 over all elements, in one loop.
/// Shapes:     x and y of one shape, or y a number -> ()
/// Derivative: dx = 2 (x - y) dy / n, and the opposite for y
/// Accuracy:   as mean
/// Edge:       no elements give NaN, as PyTorch
/// Throws:     ShapeError when run-time shapes differ; static ones, and two dtypes, do not compile
template <tensor_like X, operand Y> auto mse(X&& x, Y&& y, Loc at = Loc::current()) {
  detail::check_target("mse", x, y, at);
  return mean(square(std::forward<X>(x) - std::forward<Y>(y)));
}

}  // namespace tenon::inline TENON_ABI
