// Copies into another order of dimensions, where rows of the one array are columns of the other.
#pragma once

#include "tenon/kernel/transpose.hpp"
#include "tenon/tensor/rows.hpp"

namespace tenon::inline TENON_ABI::rows {

/// Copies `from` to `to`, which do not overlap, when runs of the one lie across runs of the other; else returns false
/// and does nothing. Words of 4 or 8 bytes.
[[gnu::noinline]] inline bool copy_turned(int rank, const Index* extent, const Stream& from, const Stream& to) {
  if (from.item != to.item || (from.item != 4 && from.item != 8)) return false;
  for (int d = 0; d < rank; ++d)
    if (extent[d] == 0) return false;
  Stream s[2] = {from, to};
  std::array<Index, max_rank> e{};
  for (int d = 0; d < rank; ++d) e[static_cast<std::size_t>(d)] = extent[d];
  for (std::size_t d = 0; d + 1 < static_cast<std::size_t>(rank); ++d)  // the dimension of the result's runs goes last
    if (e[d] > 1 && to.stride[d] == 1)
      for (std::size_t k = d; k + 1 < static_cast<std::size_t>(rank); ++k) {
        std::swap(e[k], e[k + 1]);
        for (Stream& x : s) std::swap(x.stride[k], x.stride[k + 1]);
      }
  Walk w = simplify(rank, e.data(), s, 2);
  const auto last = static_cast<std::size_t>(w.rank - 1);
  if (w.rank < 2 || s[1].stride[last] != 1 || s[0].stride[last] <= 1) return false;
  std::size_t run = last;
  for (std::size_t d = 0; d < last; ++d)
    if (s[0].stride[d] == 1) run = d;
  if (run == last || w.extent[run] < 8 || w.extent[last] < 8) return false;
  for (std::size_t d = run; d + 1 < last; ++d) {  // the two dimensions that turn go last
    std::swap(w.extent[d], w.extent[d + 1]);
    for (Stream& x : s) std::swap(x.stride[d], x.stride[d + 1]);
  }
  const Index n = w.extent[last - 1], m = w.extent[last], across = s[0].stride[last], along = s[1].stride[last - 1];
  for_each_outer(w, w.rank - 2, s, 2, [&](std::byte* const* at) {
    if (s[0].item == 4)
      kernel::transpose(n, m, reinterpret_cast<const std::uint32_t*>(at[0]), across,
                        reinterpret_cast<std::uint32_t*>(at[1]), along);
    else
      kernel::transpose(n, m, reinterpret_cast<const std::uint64_t*>(at[0]), across,
                        reinterpret_cast<std::uint64_t*>(at[1]), along);
  });
  return true;
}

}  // namespace tenon::inline TENON_ABI::rows
