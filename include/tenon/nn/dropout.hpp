// Dropout as a module.
#pragma once

#include "tenon/op/dropout.hpp"

namespace tenon::inline TENON_ABI::nn {

/// Sets elements to 0 with probability `rate` while a model learns; see tenon::dropout.
struct Dropout {
  double rate = 0.5;
  auto operator()(const auto& x) const { return dropout(x, rate); }
};

}  // namespace tenon::inline TENON_ABI::nn
