// Scaled dot-product attention: tiles of scores and a running softmax, so that the score matrix never exists.
#pragma once

#include "tenon/kernel/gemm.hpp"
#include "tenon/kernel/softmax.hpp"
#include "tenon/kernel/spread.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Added to the scores, or allowing them. Element (b, h, i, j) at offset b stride[0] + h stride[1] + ...; strides of 0
/// broadcast. At most one of the pointers is set.
template <class T> struct ScoreMask {
  const primal_t<T>* add = nullptr;
  const bool* allow = nullptr;
  std::array<Index, 4> stride{};
  explicit operator bool() const { return add != nullptr || allow != nullptr; }
};

/// q (batch, heads, queries, dim), k (batch, kv_heads, keys, dim), v (batch, kv_heads, keys, value_dim), any strides;
/// query head h reads key head h / (heads / kv_heads). causal: query i sees keys 0 .. i + keys - queries, so that the
/// last query sees them all.
template <class T> struct Attention {
  Span<const T, 4> q, k, v;
  primal_t<T> scale;
  bool causal;
  ScoreMask<T> mask = {};

  Index queries() const { return q.extent[2]; }
  Index keys() const { return k.extent[2]; }
  Index dim() const { return q.extent[3]; }
  Index value_dim() const { return v.extent[3]; }
  Index kv_heads() const { return k.extent[1]; }
  Index group() const { return kv_heads() > 0 ? q.extent[1] / kv_heads() : 0; }
  /// What can be computed apart from the rest: a key head of one batch element with its query heads.
  Index units() const { return k.extent[0] * k.extent[1]; }
  /// Multiplications and additions of one unit, without regard to causality.
  Index unit_operations() const { return 2 * group() * queries() * keys() * (dim() + value_dim()); }
  /// Keys that query i sees: 0 .. visible - 1.
  Index visible(Index i) const {
    if (!causal) return keys();
    const Index n = i + 1 + keys() - queries();
    return n < 0 ? 0 : smaller(n, keys());
  }
};

/// Queries and keys of one tile of scores: 48 is whole register tiles for every instruction set; the tile, 24 KiB of
/// float, stays in the nearest caches.
inline constexpr Index attention_rows = 48, attention_columns = 128;

/// The matrix of one batch element and head.
template <class T> Matrix<T> head_of(const Span<T, 4>& s, Index batch, Index head) {
  return {s.data + batch * s.stride[0] + head * s.stride[1], {s.extent[2], s.extent[3]}, {s.stride[2], s.stride[3]}};
}
/// Rows first .. first + n.
template <class T> Matrix<T> rows_of(Matrix<T> m, Index first, Index n) {
  return {m.data + first * m.stride[0], {n, m.extent[1]}, m.stride};
}

/// x[i] *= f.
template <class T> void scale_line(Index n, T f, T* x, Index stride) noexcept {
  Index i = 0;
  if constexpr (has_lanes<T>)
    if (stride == 1)
      for (const simd::Batch<T> factor(f); i + factor.size <= n; i += factor.size)
        (simd::Batch<T>::load(x + i) * factor).store(x + i);
  for (; i < n; ++i) x[i * stride] = x[i * stride] * f;
}

template <class T> inline constexpr primal_t<T> minus_infinity = -std::numeric_limits<primal_t<T>>::infinity();

/// Scores s[0 .. n) of query i and keys j .. j + n, after the mask.
template <class T>
void mask_scores(const ScoreMask<T>& mask, Index batch, Index head, Index i, Index j, Index n, T* s) noexcept {
  const Index at = batch * mask.stride[0] + head * mask.stride[1] + i * mask.stride[2] + j * mask.stride[3];
  const Index step = mask.stride[3];
  if (mask.add != nullptr)
    for (Index c = 0; c < n; ++c) s[c] = s[c] + T(mask.add[at + c * step]);
  else
    for (Index c = 0; c < n; ++c)
      if (!mask.allow[at + c * step]) s[c] = T(minus_infinity<T>);
}

/// Scratch of one thread, forward.
template <class T> Index attention_scratch_bytes(const Attention<T>& a) {
  const Index wide = a.dim() > a.value_dim() ? a.dim() : a.value_dim();
  Index gemm = 0;  // the largest of any call, in whatever shape its edges come
  for (const Index k : {a.dim(), a.value_dim(), attention_rows, attention_columns}) {
    const Index n = wide > attention_columns ? wide : attention_columns;
    const Index b = gemm_scratch_bytes<T>(n, n, k);
    gemm = b > gemm ? b : gemm;
  }
  return ScratchPieces::bytes<T>(a.dim() * spread_row<T>(a.keys())) +
         ScratchPieces::bytes<T>(attention_rows * attention_columns) + 2 * ScratchPieces::bytes<T>(attention_rows) +
         rounded_up(gemm, 64);
}

/// Elements of a row of scores that loops over whole vectors touch.
template <class T> constexpr Index whole_vectors(Index n) {
  if constexpr (has_lanes<T>) return rounded_up(n, simd::Batch<T>::size);
  else return n;
}
/// Scores of query i, a row of n of them from key j on: -infinity where the mask or causality hides a key, and up to a
/// whole vector. Returns how many of the row may be seen.
template <class T>
Index hide_scores(const Attention<T>& a, Index batch, Index head, Index i, Index j, Index n, T* s) noexcept {
  const Index left = a.visible(i) - j, seen = left < 0 ? 0 : smaller(left, n);
  if (a.mask) mask_scores(a.mask, batch, head, i, j, seen, s);
  for (Index c = seen; c < whole_vectors<T>(seen); ++c) s[c] = T(minus_infinity<T>);
  return seen;
}

/// exp(x) for x near 0 or below, and 0 where that is no normal number: x86 takes a hundred cycles for one that is
/// smaller, and hidden scores are many.
template <class T> TENON_ALWAYS_INLINE simd::Batch<T> exp_or_zero(simd::Batch<T> x) {
  using B = simd::Batch<T>;
  const B lowest(sizeof(T) == 4 ? T(-87) : T(-708));
  return select(x < lowest, B(T(0)), simd::bits::exp_bounded(simd::bits::at_least(x, lowest)));
}
/// The largest score; NaN may pass unseen, as exp_row makes it show. Pre: n is whole vectors, n > 0
template <class T> T row_max(Index n, const T* s) noexcept {
  if constexpr (has_lanes<T>) {
    using B = simd::Batch<T>;
    B most = B::load(s);
    for (Index c = B::size; c < n; c += B::size) most = simd::bits::at_least(B::load(s + c), most);
    return reduce_max(most);
  } else {
    return line_max(n, s, 1);
  }
}
/// s[i] = exp(s[i] - shift); returns their sum. Pre: n is whole vectors
template <class T> T exp_row(Index n, T shift, T* s) noexcept {
  if constexpr (has_lanes<T>) {
    using B = simd::Batch<T>;
    const B m(shift);
    B sum(T(0));
    for (Index c = 0; c < n; c += B::size) {
      const B e = exp_or_zero(B::load(s + c) - m);
      e.store(s + c);
      sum = sum + e;
    }
    return reduce_add(sum);
  } else {
    return line_exp_sum(n, s, 1, shift, s, 1);
  }
}

/// One tile of scores becomes weights: row r is query i + r, of keys j .. j + n. `most` and `sum` are each row's
/// largest score and sum of exp so far; rows of y, the sums of weighted values so far, are scaled to the new `most`.
template <class T>
void running_softmax(const Attention<T>& a, Index batch, Index head, Index i, Index rows, Index j, Index n, T* scores,
                     T* most, T* sum, Matrix<T> y) {
  using std::exp;
  for (Index r = 0; r < rows; ++r) {
    T* s = scores + r * attention_columns;
    const Index seen = whole_vectors<T>(hide_scores(a, batch, head, i + r, j, n, s));
    for (Index c = seen; c < n; ++c) s[c] = T(0);
    if (seen == 0) continue;
    const T here = row_max(seen, s), top = select(here > most[r], here, most[r]);
    const T shift = select(top == T(minus_infinity<T>), T(0), top);  // nothing seen yet: infinities would make NaN
    const T fresh = exp_row(seen, shift, s);
    if (j > 0) {
      const T factor = exp(most[r] - shift);
      sum[r] = sum[r] * factor;
      scale_line(a.value_dim(), factor, &y(r, 0), y.stride[1]);
    }
    sum[r] = sum[r] + fresh;
    most[r] = top;
  }
}

/// Queries i .. i + rows of one head: y, and log_sum of each.
template <class T>
void attend_rows(const Attention<T>& a, Index batch, Index head, Index i, Index rows, const T* keys, Matrix<T> y,
                 T* log_sum, ScratchPieces scratch) {
  using std::log;
  T* scores = scratch.take<T>(attention_rows * attention_columns);
  T* most = scratch.take<T>(attention_rows);
  T* sum = scratch.take<T>(attention_rows);
  for (Index r = 0; r < rows; ++r) most[r] = T(minus_infinity<T>), sum[r] = T(0);
  const Matrix<const T> q = rows_of(head_of(a.q, batch, head), i, rows), v = head_of(a.v, batch, head / a.group());
  const Index seen = a.visible(i + rows - 1), row = spread_row<T>(a.keys());
  for (Index j = 0; j == 0 || j < seen; j += attention_columns) {
    const Index n = smaller(attention_columns, seen - j);
    const Matrix<T> s{scores, {rows, n}, {attention_columns, 1}};
    gemm<T>(q, {keys + j, {a.dim(), n}, {row, 1}}, s, Write::store, scratch.rest());
    running_softmax(a, batch, head, i, rows, j, n, scores, most, sum, y);
    gemm<T>(s, rows_of(v, j, n), y, j == 0 ? Write::store : Write::add, scratch.rest());
  }
  for (Index r = 0; r < rows; ++r) {
    const bool blind = sum[r] == T(0);  // sees no key: y is 0, and exp(score - log_sum) is 0 in backward
    log_sum[r] = blind ? T(-minus_infinity<T>) : most[r] + log(sum[r]);
    if (!blind) scale_line(a.value_dim(), T(1) / sum[r], &y(r, 0), y.stride[1]);
  }
}

/// y = softmax(scale q k^T + mask) v of units first .. last.
/// Shapes:   y (batch, heads, queries, value_dim), any strides; log_sum (batch, heads, queries) row-major receives each
///           row's logsumexp of scores, infinity where a query sees no key (y is then 0)
/// Pre:      y overlaps nothing else; scratch: attention_scratch_bytes(a), aligned to 64
/// Cost:     2 (dim + value_dim) operations and an exp for each score in the tiles of attention_rows x attention_columns
///           that have a visible one; memory keys * dim
/// Accuracy: as gemm, and exp of differences of scores
/// Source:   Dao, FlashAttention-2, ICLR 2024, algorithm 1; Milakov, Gimelshein, Online normalizer calculation for
///           softmax, 2018
template <class T>
void attention(const Attention<T>& a, Span<T, 4> y, T* log_sum, Index first, Index last, std::byte* scratch) {
  const Index group = a.group(), queries = a.queries();
  for (Index unit = first; unit < last; ++unit) {
    const Index batch = unit / a.kv_heads(), kv_head = unit % a.kv_heads();
    ScratchPieces pieces(scratch);
    T* keys = pieces.take<T>(a.dim() * spread_row<T>(a.keys()));
    transpose_scaled(head_of(a.k, batch, kv_head), a.scale, keys, spread_row<T>(a.keys()));
    for (Index head = kv_head * group; head < (kv_head + 1) * group; ++head)
      for (Index i = 0; i < queries; i += attention_rows) {
        const Index rows = smaller(attention_rows, queries - i);
        attend_rows(a, batch, head, i, rows, keys, rows_of(head_of(y, batch, head), i, rows),
                    log_sum + (batch * a.q.extent[1] + head) * queries + i, pieces);
      }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
