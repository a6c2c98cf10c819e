// Walking indices: the offsets of every index of some dimensions, for ops that are not one loop over rows.
#pragma once

#include <array>
#include <utility>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI {

/// Dimensions as bits.
constexpr unsigned all_dims(std::size_t rank) { return (1u << rank) - 1u; }

/// Number of indices of the dimensions in `dims`.
template <std::size_t R> constexpr Index count_of(const std::array<Index, R>& extent, unsigned dims) {
  Index n = 1;
  for (std::size_t d = 0; d < R; ++d)
    if ((dims >> d) & 1u) n *= extent[d];
  return n;
}

/// Calls f(offset...) for each index of the dimensions in `dims`, in row-major order; the k-th offset is the sum of
/// index times stride, by the k-th strides. Law: offset(index, stride) at every index whose other entries are 0.
template <std::size_t R, class F, class... Stride>
constexpr void for_each_offset(const std::array<Index, R>& extent, unsigned dims, F f, const Stride&... stride) {
  if (count_of(extent, dims) == 0) return;
  constexpr std::size_t n = sizeof...(Stride);
  const std::array<Index, R> strides[n] = {stride...};
  std::array<Index, n> at{};
  std::array<Index, R> i{};
  for (;;) {
    [&]<std::size_t... K>(std::index_sequence<K...>) { f(at[K]...); }
    (std::make_index_sequence<n>{});
    std::size_t d = R;
    for (; d > 0; --d) {
      const std::size_t u = d - 1;
      if (!((dims >> u) & 1u)) continue;
      const bool carry = ++i[u] == extent[u];
      for (std::size_t k = 0; k < n; ++k) at[k] += (carry ? 1 - extent[u] : 1) * strides[k][u];
      if (!carry) break;
      i[u] = 0;
    }
    if (d == 0) return;
  }
}

}  // namespace tenon::inline TENON_ABI
