// The gradient of attention: scores and weights are made again, tile by tile, from the saved logsumexp of each row.
#pragma once

#include "tenon/kernel/attention.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// What backward adds to. Null data: not wanted.
template <class T> struct AttentionGradients {
  Span<T, 4> q, k, v;
  bool empty = false;  ///< all three hold nothing yet, and lie apart: each unit clears its part first
};
template <class T> void clear_rows(Matrix<T> m) noexcept {
  for (Index i = 0; i < m.extent[0]; ++i) {
    T* row = m.data + i * m.stride[0];
    for (Index j = 0; j < m.extent[1]; ++j) row[j * m.stride[1]] = T(0);
  }
}

/// Scratch of one thread, backward.
template <class T> Index attention_backward_scratch_bytes(const Attention<T>& a) {
  return attention_scratch_bytes(a) + ScratchPieces::bytes<T>(a.value_dim() * spread_row<T>(a.keys())) +
         ScratchPieces::bytes<T>(attention_rows * attention_columns) + ScratchPieces::bytes<T>(attention_rows);
}

/// One row of a tile, n scores s and d(loss)/d(weight) g: s becomes the weights p = exp(s - log_sum), g becomes
/// d(loss)/d(score) = p (g - mean) scale. Pre: n is whole vectors, g is finite
template <class T> void score_gradient(Index n, T log_sum, T mean, primal_t<T> scale, T* s, T* g) noexcept {
  using std::exp;
  if constexpr (has_lanes<T>) {
    using B = simd::Batch<T>;
    const B shift(log_sum), middle(mean), factor(scale);
    for (Index c = 0; c < n; c += B::size) {
      const B p = exp_or_zero(B::load(s + c) - shift);
      p.store(s + c);
      (p * (B::load(g + c) - middle) * factor).store(g + c);
    }
  } else {
    for (Index c = 0; c < n; ++c) {
      s[c] = exp(s[c] - log_sum);
      g[c] = s[c] * (g[c] - mean) * T(scale);
    }
  }
}

/// The sum of x[i] y[i].
template <class T> T line_dot(Index n, const T* x, Index sx, const T* y, Index sy) noexcept {
  if (sx == 1 && sy == 1) return sum_line<T>(n, [&](const auto& at) { return at.load(x) * at.load(y); });
  T sum(0);
  for (Index i = 0; i < n; ++i) sum = sum + x[i * sx] * y[i * sy];
  return sum;
}

/// The keys and values of one unit, transposed for products with them: keys (dim, keys) scaled, values (value_dim, keys).
template <class T> struct TurnedKeys { const T *keys, *values; };

/// Queries i .. i + rows of one head.
template <class T>
void attend_rows_backward(const Attention<T>& a, Index batch, Index head, Index i, Index rows,
                          const TurnedKeys<T>& turned, Matrix<const T> y, Matrix<const T> dy, const T* log_sum,
                          const AttentionGradients<T>& d, ScratchPieces scratch) {
  T* scores = scratch.take<T>(attention_rows * attention_columns);
  T* weights_gradient = scratch.take<T>(attention_rows * attention_columns);
  T* mean = scratch.take<T>(attention_rows);
  const Index kv_head = head / a.group(), seen = a.visible(i + rows - 1), row = spread_row<T>(a.keys());
  const Matrix<const T> q = rows_of(head_of(a.q, batch, head), i, rows), k = head_of(a.k, batch, kv_head);
  for (Index r = 0; r < rows; ++r) mean[r] = line_dot(a.value_dim(), &y(r, 0), y.stride[1], &dy(r, 0), dy.stride[1]);
  for (Index j = 0; j < seen; j += attention_columns) {
    const Index n = smaller(attention_columns, seen - j);
    const Matrix<T> s{scores, {rows, n}, {attention_columns, 1}}, g{weights_gradient, {rows, n}, s.stride};
    gemm<T>(q, {turned.keys + j, {a.dim(), n}, {row, 1}}, s, Write::store, scratch.rest());
    gemm<T>(dy, {turned.values + j, {a.value_dim(), n}, {row, 1}}, g, Write::store, scratch.rest());
    for (Index r = 0; r < rows; ++r) {
      const Index in_sight = hide_scores(a, batch, head, i + r, j, n, &s(r, 0)), whole = whole_vectors<T>(in_sight);
      for (Index c = in_sight; c < whole; ++c) g(r, c) = T(0);
      score_gradient(whole, log_sum[r], mean[r], a.scale, &s(r, 0), &g(r, 0));
      for (Index c = whole; c < n; ++c) s(r, c) = g(r, c) = T(0);
    }
    if (d.v)
      gemm<T>(transposed<const T>(s), dy, rows_of(head_of(d.v, batch, kv_head), j, n), Write::add, scratch.rest());
    if (d.q) gemm<T>(g, rows_of(k, j, n), rows_of(head_of(d.q, batch, head), i, rows), Write::add, scratch.rest());
    if (d.k)
      gemm<T>(transposed<const T>(g), q, rows_of(head_of(d.k, batch, kv_head), j, n), Write::add, scratch.rest());
  }
}

/// Adds the gradients of units first .. last.
/// Shapes: y and dy as attention's y; log_sum as it left it
/// Pre:    scratch: attention_backward_scratch_bytes(a), aligned to 64
/// Cost:   2 (3 dim + 2 value_dim) operations and an exp for each score of the tiles that attention computes
/// Source: Dao, FlashAttention-2, ICLR 2024, algorithm 2
template <class T>
void attention_backward(const Attention<T>& a, Span<const T, 4> y, Span<const T, 4> dy, const T* log_sum,
                        const AttentionGradients<T>& d, Index first, Index last, std::byte* scratch) {
  const Index group = a.group(), queries = a.queries(), row = spread_row<T>(a.keys());
  for (Index unit = first; unit < last; ++unit) {
    const Index batch = unit / a.kv_heads(), kv_head = unit % a.kv_heads();
    ScratchPieces pieces(scratch);
    T *keys = pieces.take<T>(a.dim() * row), *values = pieces.take<T>(a.value_dim() * row);
    if (d.empty) {
      clear_rows(head_of(d.k, batch, kv_head)), clear_rows(head_of(d.v, batch, kv_head));
      for (Index head = kv_head * group; head < (kv_head + 1) * group; ++head) clear_rows(head_of(d.q, batch, head));
    }
    transpose_scaled(head_of(a.k, batch, kv_head), a.scale, keys, row);
    transpose_scaled(head_of(a.v, batch, kv_head), primal_t<T>(1), values, row);
    for (Index head = kv_head * group; head < (kv_head + 1) * group; ++head)
      for (Index i = 0; i < queries; i += attention_rows) {
        const Index rows = smaller(attention_rows, queries - i);
        attend_rows_backward<T>(a, batch, head, i, rows, {keys, values}, rows_of(head_of(y, batch, head), i, rows),
                                rows_of(head_of(dy, batch, head), i, rows),
                                log_sum + (batch * a.q.extent[1] + head) * queries + i, d, pieces);
      }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
