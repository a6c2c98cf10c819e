// std_dev(x), std_dev(x, axis<...>)
#pragma once

#include "tenon/op/greater.hpp"
#include "tenon/op/sqrt.hpp"
#include "tenon/op/var.hpp"
#include "tenon/op/where.hpp"

namespace tenon::inline TENON_ABI {

/// Standard deviation, sqrt(var(x, ...)), with var's options: std_dev(x, axis<0>, keep_dims, correction(0)).
/// Derivative: that of sqrt(var); 0 where all elements are equal, as PyTorch has it
template <tensor_like X, class... Options> auto std_dev(X&& x, Options... options) {
  auto v = var(std::forward<X>(x), options...);
  return where(v > 0, sqrt(where(v > 0, v, 1)), v);  // the root never sees 0, where its derivative is infinite
}

}  // namespace tenon::inline TENON_ABI
