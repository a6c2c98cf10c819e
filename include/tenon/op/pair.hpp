// A number for rows and one for columns.
#pragma once

#include <array>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI {

/// One number for rows and columns, or one each: .stride = 2, .stride = {2, 1}.
struct Pair {
  std::array<Index, 2> of;
  constexpr Pair(Index both) : of{both, both} {}
  constexpr Pair(Index rows, Index columns) : of{rows, columns} {}
};

}  // namespace tenon::inline TENON_ABI
