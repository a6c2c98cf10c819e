// What the elementwise losses share: a prediction and a target do not broadcast. (n, 1) against (n) would be n x n
// pairs, a loss that trains to nothing.
#pragma once

#include "tenon/tensor/apply.hpp"

namespace tenon::inline TENON_ABI::detail {

/// Throws ShapeError unless y is a number or has the shape of x; static shapes that clash do not compile.
template <class X, class Y> void check_target(std::string_view name, const X& x, const Y& y, Loc at) {
  if constexpr (tensor_like<Y>) {
    require_same_shape<shape_of_t<X>, shape_of_t<Y>>();
    if (x.shape().extents() != y.shape().extents()) [[unlikely]]
      throw ShapeError(at,
                       "tenon::" + std::string(name) + ": a prediction of shape " + to_string(x.shape()) +
                           " but a target of shape " + to_string(y.shape()),
                       "reshape one of them; a loss does not broadcast");
  } else {
    (void)name, (void)x, (void)y, (void)at;
  }
}

}  // namespace tenon::inline TENON_ABI::detail
