// Walking a reduction: which rows fold into which result, in an order that depends on the shape alone.
#pragma once

#include <bit>

#include "tenon/tensor/fold.hpp"
#include "tenon/tensor/rows.hpp"

namespace tenon::inline TENON_ABI::rows {

/// Merges states pairwise, as the carries of a binary counter: the error of n blocks grows with log n.
template <class F, class Acc> class Cascade {
 public:
  void push(const Acc* s) {
    Acc carry[F::states];
    for (int k = 0; k < F::states; ++k) carry[k] = s[k];
    int level = 0;
    for (; (filled_ >> level) & 1u; ++level) {
      F::merge(level_[level], carry);
      for (int k = 0; k < F::states; ++k) carry[k] = level_[level][k];
    }
    for (int k = 0; k < F::states; ++k) level_[level][k] = carry[k];
    ++filled_;
  }
  /// The fold of everything pushed.
  void total(Acc* s) const {
    F::start(s);
    for (std::uint64_t left = filled_; left != 0; left &= left - 1) F::merge(s, level_[std::countr_zero(left)]);
  }

 private:
  std::uint64_t filled_ = 0;
  Acc level_[64][F::states];
};

/// The dimensions of a reduction, as bits: bit d set when dimension d is folded away.
using Axes = unsigned;

namespace detail {
/// Dimensions of `extent` with (or without) their bit in `axes`, in order.
inline int choose(int rank, Axes axes, bool folded, int* dims) {
  int n = 0;
  for (int d = 0; d < rank; ++d)
    if (((axes >> d) & 1u) == (folded ? 1u : 0u)) dims[n++] = d;
  return n;
}
inline void select_strides(const Stream* s, int count, const int* dims, int n, Stream* out) {
  for (int k = 0; k < count; ++k) {
    out[k] = s[k];
    for (int d = 0; d < n; ++d)
      out[k].stride[static_cast<std::size_t>(d)] = s[k].stride[static_cast<std::size_t>(dims[d])];
  }
}
inline Walk select_walk(const Index* extent, const int* dims, int n, Stream* s, int count) {
  Index e[max_rank];
  for (int d = 0; d < n; ++d) e[d] = extent[dims[d]];
  return simplify(n, e, s, count);
}
}  // namespace detail

/// Rows end in a folded dimension: each result is the fold of whole rows.
/// streams: operands, the result (stride 0 along folded dimensions), saved arrays. `result`: its place among them.
template <class F, class Acc, class T, int Count>
void fold_horizontal(RowLoop loop, int rank, const Index* extent, Axes axes, const std::array<Stream, Count>& s,
                     int result, Index folded) {
  constexpr int count = Count;
  int kept[max_rank], away[max_rank];
  const int n_kept = detail::choose(rank, axes, false, kept), n_away = detail::choose(rank, axes, true, away);
  Stream outer[Count], inner[Count];
  detail::select_strides(s.data(), count, kept, n_kept, outer);
  detail::select_strides(s.data(), count, away, n_away, inner);
  Walk w_outer;
  w_outer.rank = n_kept;
  for (int d = 0; d < n_kept; ++d) w_outer.extent[static_cast<std::size_t>(d)] = extent[kept[d]];
  for (int k = 0; k < count; ++k) inner[k].splat = inner[k].splat || k == result;
  const Walk w = detail::select_walk(extent, away, n_away, inner, count);
  const int last = w.rank - 1;
  const Index n = w.extent[static_cast<std::size_t>(last)];
  RowCaller call(loop, inner, count, static_cast<std::size_t>(last), n, nullptr, 0);
  for_each_outer(w_outer, n_kept, outer, count, [&](std::byte* const* at) {
    Cascade<F, Acc> cascade;
    Acc state[F::states];
    auto* y = reinterpret_cast<T*>(at[result]);
    for (int k = 0; k < count; ++k) inner[k].data = at[k];
    if (folded == n && n <= fused::fold_block && n > 0) {  // one block: nothing to merge
      F::start(state);
      std::byte* row[Count];
      for (int k = 0; k < count; ++k) row[k] = k == result ? reinterpret_cast<std::byte*>(state) : at[k];
      call(row, n);
      *y = static_cast<T>(F::finish(state, folded));
      return;
    }
    if (folded > 0)
      for_each_outer(w, last, inner, count, [&](std::byte* const* row) {
        std::byte* piece[Count];
        for (Index first = 0; first < n; first += fused::fold_block) {
          for (int k = 0; k < count; ++k)
            piece[k] = row[k] == nullptr || inner[k].splat
                           ? row[k]
                           : row[k] + first * inner[k].stride[static_cast<std::size_t>(last)] * inner[k].item;
          F::start(state);
          piece[result] = reinterpret_cast<std::byte*>(state);
          call(piece, n - first < fused::fold_block ? n - first : fused::fold_block);
          cascade.push(state);
        }
      });
    cascade.total(state);
    *y = static_cast<T>(F::finish(state, folded));
  });
}

/// Rows end in a kept dimension: rows are added to a row of results. Streams as above; the loop takes F::states arrays in
/// the result's place.
template <class F, class Acc, class T, int Count>
void fold_vertical(RowLoop loop, int rank, const Index* extent, Axes axes, const std::array<Stream, Count>& s,
                   int result, Index folded) {
  constexpr int count = Count;
  // 8 KiB of a row at a time: less would leave the page, and the prefetcher's stream, at every row; sums stay in L1.
  constexpr Index columns = Index{8192} / (F::states * static_cast<Index>(sizeof(Acc))), rows_a_block = 64;
  constexpr int extra = F::states - 1;
  int kept[max_rank], away[max_rank];
  const int n_kept = detail::choose(rank, axes, false, kept), n_away = detail::choose(rank, axes, true, away);
  Stream outer[Count], inner[Count], row_streams[Count + extra];
  detail::select_strides(s.data(), count, kept, n_kept, outer);
  detail::select_strides(s.data(), count, away, n_away, inner);
  const Walk w_kept = detail::select_walk(extent, kept, n_kept, outer, count);
  const int last = w_kept.rank - 1;
  const auto along = static_cast<std::size_t>(last);
  const Index width = w_kept.extent[along];
  for (int k = 0; k < count; ++k) inner[k].splat = false;
  const Walk w_away = detail::select_walk(extent, away, n_away, inner, count);
  // The loop's addresses: operands, states, saved arrays.
  for (int k = 0; k < count + extra; ++k) {
    const int from = k <= result ? k : k <= result + extra ? result : k - extra;
    row_streams[k] = outer[from];
    row_streams[k].writes = k > result + extra;
    if (k >= result && k <= result + extra) (row_streams[k].item = sizeof(Acc), row_streams[k].stride[along] = 1);
  }
  RowCaller call(loop, row_streams, count + extra, along, width, nullptr, 0);
  alignas(64) Acc block[F::states][columns];
  alignas(64) Acc total[F::states][columns];
  auto clear = [](Acc(*a)[columns], Index n) {
    Acc s0[F::states];
    F::start(s0);
    for (int k = 0; k < F::states; ++k)
      for (Index i = 0; i < n; ++i) a[k][i] = s0[k];
  };
  auto merge = [&](Index n) {
    for (Index i = 0; i < n; ++i) {
      Acc a[F::states], b[F::states];
      for (int k = 0; k < F::states; ++k) (a[k] = total[k][i], b[k] = block[k][i]);
      F::merge(a, b);
      for (int k = 0; k < F::states; ++k) total[k][i] = a[k];
    }
  };
  for_each_outer(w_kept, last, outer, count, [&](std::byte* const* at) {
    for (Index first = 0; first < width; first += columns) {
      const Index n = width - first < columns ? width - first : columns;
      clear(total, n);
      clear(block, n);
      Index in_block = 0;
      for (int k = 0; k < count; ++k)
        inner[k].data =
            at[k] == nullptr || outer[k].splat ? at[k] : at[k] + first * outer[k].stride[along] * outer[k].item;
      auto* y = reinterpret_cast<T*>(inner[result].data);
      if (folded > 0)
        for_each_outer(w_away, w_away.rank, inner, count, [&](std::byte* const* row) {
          std::byte* p[Count + extra];
          for (int k = 0; k < count + extra; ++k)
            p[k] = k < result            ? row[k]
                   : k <= result + extra ? reinterpret_cast<std::byte*>(block[k - result])
                                         : row[k - extra];
          call(p, n);
          if (++in_block == rows_a_block) {
            merge(n);
            clear(block, n);
            in_block = 0;
          }
        });
      merge(n);
      for (Index i = 0; i < n; ++i) {
        Acc a[F::states];
        for (int k = 0; k < F::states; ++k) a[k] = total[k][i];
        y[i * outer[result].stride[along]] = static_cast<T>(F::finish(a, folded));
      }
    }
  });
}

}  // namespace tenon::inline TENON_ABI::rows
