// std_dev(x), std_dev(x, axis<...>)
#pragma once

#include "tenon/op/sqrt.hpp"
#include "tenon/op/var.hpp"

namespace tenon::inline TENON_ABI {

/// Standard deviation, sqrt(var(x, ...)), with var's options: std_dev(x, axis<0>, keep_dims, correction(0)).
/// Derivative: that of sqrt(var): infinite or NaN where all elements are equal
template <tensor_like X, class... Options> auto std_dev(X&& x, Options... options) {
  return sqrt(var(std::forward<X>(x), options...));
}

}  // namespace tenon::inline TENON_ABI
