// Convolution with lanes over the pixels of a row, written straight to where they belong: for few filters, few taps and
// images whose rows nearly fill whole vectors.
#pragma once

#include "tenon/kernel/conv_pack.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Vectors of pixels: where each reads, where it goes (of the first output) and how many of its lanes count, maybe none.
template <class T> struct RowPieces {
  static constexpr Index most = 4;
  const T* x[most];
  T* y[most];
  Index count[most];
};

/// y(R outputs `plane` apart, the first V pieces) = or += filter (channels, taps, R) times what each tap reads of the pieces.
template <class T, Index R, Index V>
[[gnu::noinline]] void row_tile(const ChannelTaps& loop, const T* filter, const RowPieces<T>& pieces, Index plane,
                                bool add) {
  using B = simd::Batch<T>;
  B sum[R][V];
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = B(T(0)); });
  unrolled<R * V>([&](Index e) TENON_INLINE_LAMBDA { __builtin_prefetch(pieces.y[e % V] + e / V * plane, 1); });
  const T* x[V];
  unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { x[v] = pieces.x[v]; });
  for (Index c = loop.channels; c > 0; --c, filter += loop.taps * R) {
    const T* f = filter + loop.first * R;
    for (Index t = loop.first; t < loop.last; ++t, f += R) {
      const Index from = loop.offset[t];
      B pixels[V];
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { pixels[v] = B::load(x[v] + from); });
      unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
        const B w(f[i]);
        unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[i][v] = fma(w, pixels[v], sum[i][v]); });
      });
    }
    unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { x[v] += loop.channel; });
  }
  unrolled<V>([&](Index v) TENON_INLINE_LAMBDA {
    T* y = pieces.y[v];
    if (pieces.count[v] == B::size) {
      unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
        (add ? B::load(y + i * plane) + sum[i][v] : sum[i][v]).store(y + i * plane);
      });
    } else if (pieces.count[v] > 0) {
      const auto tail = simd::Tail<T>::first(pieces.count[v]);
      unrolled<R>([&](Index i) TENON_INLINE_LAMBDA {
        tail.store(y + i * plane, add ? tail.load(y + i * plane) + sum[i][v] : sum[i][v]);
      });
    }
  });
}

/// How rows of `width` pixels and `outputs` filters are cut into such tiles.
template <class T> struct RowTiles {
  static constexpr Index lanes = simd::Batch<T>::size;
  static constexpr bool many = TileShape<T>::many_registers;
  Index outputs, width;

  /// Filters of the next tile when `left` remain.
  static constexpr Index next(Index left) { return many && left >= 6 ? 6 : many && left >= 4 ? 4 : left >= 2 ? 2 : 1; }
  /// Pieces of a tile of n filters: two of six make sums enough, and leave out more rows of zeros than more would.
  static constexpr Index pieces_of(Index n) { return n >= 6 ? 2 : RowPieces<T>::most; }
  Index row_vectors() const { return (width + lanes - 1) / lanes; }
  /// Time for a row and k taps of `channels`, in multiply-adds of vectors. Each panel of filters reads all channels, from
  /// L2 as a rule.
  Index cost(Index k, Index channels) const { return row_vectors() * outputs * (k * 11 / 10 + channels / 2 + 2); }

  /// y (outputs, rows, width), y_row elements from row to row, = or += the channels in `band`, the padded source of the
  /// rows from `row` on of an image of `height` rows. filter: panels of (channels, taps, next()).
  void run(ChannelTaps loop, const ConvWindow& w, Index row, Index rows, Index height, Index lane, const T* filter,
           const T* band, T* y, Index plane, Index y_row, bool add) const {
    const Index all = rows * row_vectors();
    for (Index o = 0, n; o < outputs; filter += n * loop.channels * loop.taps, y += n * plane, o += n) {
      n = next(outputs - o);
      const Tile tile = tile_of(n);
      const Index vectors = pieces_of(n);
      for (Index i = 0, p = 0, q = 0; i < all; i += vectors) {
        RowPieces<T> pieces;
        const Index top = p;
        Index bottom = p;
        for (Index v = 0; v < vectors; ++v) {
          const bool more = i + v < all;  // else the last one again, for nobody
          pieces.x[v] = more ? band + p * lane + q : pieces.x[v - 1];
          pieces.y[v] = more ? y + p * y_row + q : pieces.y[v - 1];
          pieces.count[v] = more ? smaller(lanes, width - q) : 0;
          if (!more) continue;
          bottom = p;
          q += lanes;
          if (q < width) continue;
          q = 0;
          ++p;
        }
        loop.meet(w, row + top, row + bottom, height);
        tile(loop, filter, pieces, plane, add);
      }
    }
  }

 private:
  using Tile = void (*)(const ChannelTaps& loop, const T* filter, const RowPieces<T>& pieces, Index plane, bool add);
  static Tile tile_of(Index n) {
    if constexpr (many) {
      if (n == 6) return row_tile<T, 6, pieces_of(6)>;
      if (n == 4) return row_tile<T, 4, pieces_of(4)>;
    }
    return n == 2 ? row_tile<T, 2, pieces_of(2)> : row_tile<T, 1, pieces_of(1)>;
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
