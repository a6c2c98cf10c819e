// Products that read every element of the matrix once: matrix times vector, and column times row.
#pragma once

#include <bit>

#include "tenon/kernel/gemm_block.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Elements with a stride; a row or column of a matrix. Passed by reference: a copy is written in parts, and a vector
/// that reads it at once waits for them, longer than a small product takes.
template <class T> struct Line {
  T* data;
  Index n, stride;
  constexpr T& operator[](Index i) const { return data[i * stride]; }
};

/// x's n elements from `from` on, contiguous: x itself, or a copy in `room` (n elements).
template <class T> const T* contiguous(const Line<const T>& x, Index from, Index n, T* room) {
  if (x.stride == 1) return x.data + from;
  for (Index i = 0; i < n; ++i) room[i] = x[from + i];
  return room;
}

/// sums[r] += the sum of the lanes of R vectors, of which L lanes each are still apart: they are halved as reduce_add
/// halves one, with the same bits, but two at a time.
template <class T, Index L, Index N, Index R, class V> TENON_ALWAYS_INLINE void add_sums(const V (&x)[R], T* sums) {
  // Lane s half + w of the result is the sum of lanes s L + w and s L + half + w of a and b, one behind the other.
  const auto pair = [&]<std::size_t... I>(std::index_sequence<I...>, const V& a, const V& b) TENON_INLINE_LAMBDA {
    constexpr Index half = L / 2;
    return __builtin_shufflevector(a, b, (static_cast<Index>(I) / half * L + static_cast<Index>(I) % half)...) +
           __builtin_shufflevector(a, b, (static_cast<Index>(I) / half * L + static_cast<Index>(I) % half + half)...);
  };
  if constexpr (L == 1) {
    for (Index r = 0; r < R; ++r)
      for (Index i = 0; i < N; ++i) sums[r * N + i] += x[r][i];
  } else if constexpr (R == 1) {
    const auto y = pair(std::make_index_sequence<static_cast<std::size_t>(N / 2)>{}, x[0], x[0]);
    if constexpr (N == 2) sums[0] += y[0];
    else {
      const std::remove_const_t<decltype(y)> one[1] = {y};
      add_sums<T, L / 2, N / 2>(one, sums);
    }
  } else {
    V y[R / 2];
    unrolled<R / 2>([&](Index r) TENON_INLINE_LAMBDA {
      y[r] = pair(std::make_index_sequence<static_cast<std::size_t>(N)>{}, x[2 * r], x[2 * r + 1]);
    });
    add_sums<T, L / 2, N>(y, sums);
  }
}

/// sums[r] += a's row r times x, n elements, for R rows. Two chains of lanes a row, whatever R (a power of two): a row's
/// bits do not depend on the rows beside it.
template <class T, Index R> TENON_ALWAYS_INLINE void dot_rows(Index n, const T* a, Index a_row, const T* x, T* sums) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  B even[R], odd[R];
  unrolled<R>([&](Index r) TENON_INLINE_LAMBDA { even[r] = odd[r] = B(T(0)); });
  Index p = 0;
  for (; p + 2 * W <= n; p += 2 * W) {
    const B x0 = B::load(x + p), x1 = B::load(x + p + W);
    unrolled<R>([&](Index r) TENON_INLINE_LAMBDA {
      even[r] = fma(B::load(a + r * a_row + p), x0, even[r]);
      odd[r] = fma(B::load(a + r * a_row + p + W), x1, odd[r]);
    });
  }
  if (p + W <= n) {
    const B x0 = B::load(x + p);
    unrolled<R>([&](Index r) TENON_INLINE_LAMBDA { even[r] = fma(B::load(a + r * a_row + p), x0, even[r]); });
    p += W;
  }
  if (p < n) {
    const simd::Tail<T> tail = simd::Tail<T>::first(n - p);
    const B x0 = tail.load(x + p);
    unrolled<R>([&](Index r) TENON_INLINE_LAMBDA { odd[r] = fma(tail.load(a + r * a_row + p), x0, odd[r]); });
  }
  typedef T Lanes __attribute__((vector_size(sizeof(B))));
  Lanes sum[R];
  unrolled<R>([&](Index r) TENON_INLINE_LAMBDA { sum[r] = std::bit_cast<Lanes>(even[r] + odd[r]); });
  add_sums<T, W, W>(sum, sums);
}

/// sums[i] += a's row i times x; a's rows are contiguous. x is read in pieces that stay in L1, copied when strided.
template <class T> void multiply_rows(const Matrix<const T>& a, const Line<const T>& x, T* sums) {
  constexpr Index piece = 16384 / static_cast<Index>(sizeof(T));  // whole rows, as a rule: they are read in order
  alignas(64) T room[piece];
  for (Index p = 0; p < x.n; p += piece) {
    const Index n = smaller(piece, x.n - p);
    const T* part = contiguous<T>(x, p, n, room);
    Index i = 0;
    if constexpr (TileShape<T>::many_registers)
      for (; i + 8 <= a.extent[0]; i += 8) dot_rows<T, 8>(n, &a(i, p), a.stride[0], part, sums + i);
    for (; i + 4 <= a.extent[0]; i += 4) dot_rows<T, 4>(n, &a(i, p), a.stride[0], part, sums + i);
    for (; i < a.extent[0]; ++i) dot_rows<T, 1>(n, &a(i, p), a.stride[0], part, sums + i);
  }
}

/// sums[i] += C columns of a times C elements of x, C = 1 or 4. Four are summed in pairs, then added: the chain
/// through sums, which is through memory, is one addition long.
template <class T, Index C>
TENON_ALWAYS_INLINE void add_columns(Index m, const T* a, Index a_column, const T* x, Index x_stride, T* sums) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  B y[C];
  unrolled<C>([&](Index q) TENON_INLINE_LAMBDA { y[q] = B(x[q * x_stride]); });
  const auto add = [&](B sum, auto load) TENON_INLINE_LAMBDA {
    if constexpr (C == 1) {
      return fma(y[0], load(a), sum);
    } else {
      const B t = fma(y[1], load(a + a_column), y[0] * load(a));
      const B u = fma(y[3], load(a + 3 * a_column), y[2] * load(a + 2 * a_column));
      return sum + (t + u);
    }
  };
  Index i = 0;
  for (; i + W <= m; i += W, a += W)
    add(B::load_aligned(sums + i), [](const T* p) TENON_INLINE_LAMBDA { return B::load(p); }).store_aligned(sums + i);
  if (i == m) return;
  const simd::Tail<T> tail = simd::Tail<T>::first(m - i);
  add(B::load_aligned(sums + i), [&](const T* p) TENON_INLINE_LAMBDA { return tail.load(p); }).store_aligned(sums + i);
}

/// sums[i] += V vectors of a's column p times x[p], summed over p: four chains, p modulo 4, whatever V.
template <class T, Index V, bool Ragged>
TENON_ALWAYS_INLINE void add_strip(const T* a, Index a_column, const Line<const T>& x, T* sums, simd::Tail<T> tail) {
  using B = simd::Batch<T>;
  constexpr Index chains = 4;
  const auto load = [&](const T* at, Index v) TENON_INLINE_LAMBDA {
    if (Ragged && v == V - 1) return tail.load(at + v * B::size);
    else return B::load(at + v * B::size);
  };
  B sum[chains][V];
  unrolled<chains * V>([&](Index e) TENON_INLINE_LAMBDA { sum[e / V][e % V] = B(T(0)); });
  const T* at_x = x.data;
  Index p = x.n;
  for (; p >= chains; p -= chains)
    unrolled<chains>([&](Index q) TENON_INLINE_LAMBDA {
      const B y(*at_x);
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[q][v] = fma(y, load(a, v), sum[q][v]); });
      a += a_column;
      at_x += x.stride;
    });
  unrolled<chains - 1>([&](Index q) TENON_INLINE_LAMBDA {
    if (q < p) {
      const B y(*at_x);
      unrolled<V>([&](Index v) TENON_INLINE_LAMBDA { sum[q][v] = fma(y, load(a, v), sum[q][v]); });
      a += a_column;
      at_x += x.stride;
    }
  });
  unrolled<V>([&](Index v) TENON_INLINE_LAMBDA {
    T* to = sums + v * B::size;  // the lanes behind a tail are nobody's
    (B::load(to) + ((sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v]))).store(to);
  });
}
/// Columns that together fit a cache: strips of them, their sums in registers while all of x is read.
template <class T> void multiply_strips(const Matrix<const T>& a, const Line<const T>& x, T* sums) {
  constexpr Index W = simd::Batch<T>::size, V = TileShape<T>::many_registers ? 6 : 2;
  const simd::Tail<T> all = simd::Tail<T>::first(W);
  const Index m = a.extent[0], column = a.stride[1];
  Index i = 0;
  for (; i + V * W <= m; i += V * W) add_strip<T, V, false>(&a(i, 0), column, x, sums + i, all);
  if constexpr (V > 2) {
    for (; i + 4 * W <= m; i += 4 * W) add_strip<T, 4, false>(&a(i, 0), column, x, sums + i, all);
    for (; i + 2 * W <= m; i += 2 * W) add_strip<T, 2, false>(&a(i, 0), column, x, sums + i, all);
  }
  for (; i + W <= m; i += W) add_strip<T, 1, false>(&a(i, 0), column, x, sums + i, all);
  if (i < m) add_strip<T, 1, true>(&a(i, 0), column, x, sums + i, simd::Tail<T>::first(m - i));
}

/// sums[i] += a's row i times x; a's columns are contiguous.
template <class T> void multiply_columns(const Matrix<const T>& a, const Line<const T>& x, T* sums) {
  constexpr Index cache = 2 << 20;
  if (x.n * a.stride[1] * static_cast<Index>(sizeof(T)) <= cache && x.n >= 4) return multiply_strips(a, x, sums);
  Index p = 0;
  for (; p + 4 <= x.n; p += 4)
    add_columns<T, 4>(a.extent[0], &a(0, p), a.stride[1], x.data + p * x.stride, x.stride, sums);
  for (; p < x.n; ++p) add_columns<T, 1>(a.extent[0], &a(0, p), a.stride[1], x.data + p * x.stride, x.stride, sums);
}

/// sums[i] += a's row i times x, any strides.
template <class T> void multiply_elements(const Matrix<const T>& a, const Line<const T>& x, T* sums) {
  for (Index i = 0; i < a.extent[0]; ++i) {
    T sum = sums[i];
    for (Index p = 0; p < x.n; ++p) sum += a(i, p) * x[p];
    sums[i] = sum;
  }
}

/// y = or += sums, y.n of them.
template <class T> void write_sums(const T* sums, const Line<T>& y, bool add) {
  using B = simd::Batch<T>;
  Index i = 0;
  if (y.stride == 1)
    for (; i + B::size <= y.n; i += B::size)
      (add ? B::load(y.data + i) + B::load_aligned(sums + i) : B::load_aligned(sums + i)).store(y.data + i);
  for (; i < y.n; ++i) y[i] = add ? y[i] + sums[i] : sums[i];
}

/// y (m) = or += a (m, k) x (k). `done` hears of rows of y as of a matrix (m, 1).
/// Cost: reads a once. The order of summation depends on k and on the strides of a, not on m.
template <class T>
[[gnu::noinline]] void gemv(const Matrix<const T>& a, const Line<const T>& x, const Line<T>& y, bool add,
                            const BlockDone& done) {
  using B = simd::Batch<T>;
  // Sums of one piece stay in L1 while columns of a stream past; a longer piece reads more of each in order.
  constexpr Index piece = 16384 / static_cast<Index>(sizeof(T));
  alignas(64) T sums[piece];
  for (Index i = 0; i < y.n; i += piece) {
    const Index m = smaller(piece, y.n - i);
    const Matrix<const T> rows{&a(i, 0), {m, x.n}, a.stride};
    for (Index r = 0; r < m; r += B::size) B(T(0)).store_aligned(sums + r);
    if (a.stride[1] == 1) multiply_rows(rows, x, sums);
    else if (a.stride[0] == 1) multiply_columns(rows, x, sums);
    else multiply_elements(rows, x, sums);
    write_sums<T>(sums, {&y[i], m, y.stride}, add);
    done(i, 0, m, 1);
  }
}

/// y = or += x b, n elements, with the roundings of a tile with k = 1 (the product, then the sum).
template <class T> TENON_ALWAYS_INLINE void outer_row(T x, const T* b, T* y, Index n, bool add) {
  using B = simd::Batch<T>;
  constexpr Index W = B::size;
  const auto product = [&](B at) TENON_INLINE_LAMBDA { return fma(B(x), at, B(T(0))); };
  Index j = 0;
  const auto pass = [&](bool adds) TENON_INLINE_LAMBDA {
    const auto one = [&](Index at) TENON_INLINE_LAMBDA {
      const B fresh = product(B::load(b + at));
      (adds ? B::load(y + at) + fresh : fresh).store(y + at);
    };
    // Four a turn: with one, half of the instructions would count.
    for (; j + 4 * W <= n; j += 4 * W) unrolled<4>([&](Index v) TENON_INLINE_LAMBDA { one(j + v * W); });
    for (; j + W <= n; j += W) one(j);
  };
  if (add) pass(true);
  else pass(false);
  if (j == n) return;
  const simd::Tail<T> tail = simd::Tail<T>::first(n - j);
  const B last = product(tail.load(b + j));
  tail.store(y + j, add ? tail.load(y + j) + last : last);
}

/// c = or += a b of few whole vectors a row: down the columns, because a row's start would cost more than its elements.
template <class T>
TENON_ALWAYS_INLINE void outer_columns(const Line<const T>& a, const T* b, const Matrix<T>& c, bool add) {
  using B = simd::Batch<T>;
  const auto go_down = [&](Index j, bool adds) TENON_INLINE_LAMBDA {
    const B at = B::load(b + j);
    T* y = c.data + j;
    const T* x = a.data;
    for (Index i = a.n; i > 0; --i, x += a.stride, y += c.stride[0]) {
      const B product = fma(B(*x), at, B(T(0)));
      (adds ? B::load(y) + product : product).store(y);
    }
  };
  for (Index j = 0; j < c.extent[1]; j += B::size)
    if (add) go_down(j, true);
    else go_down(j, false);
}

/// c (m, n) = or += a (m) b (n), a row after the other unless rows are short; c's columns are contiguous.
template <class T>
[[gnu::noinline]] void outer(const Line<const T>& a, const Line<const T>& b, const Matrix<T>& c, bool add,
                             const BlockDone& done) {
  constexpr Index piece = 1024;
  alignas(64) T room[piece];
  for (Index j = 0; j < b.n; j += piece) {
    const Index n = smaller(piece, b.n - j);
    const T* row = contiguous<T>(b, j, n, room);
    const Index rows = 1 + BlockShape<T>::epilogue_bytes / (n * static_cast<Index>(sizeof(T)));
    for (Index i0 = 0; i0 < a.n; i0 += rows) {
      const Index i1 = smaller(i0 + rows, a.n);
      if (simd::few_whole_vectors(n, simd::Batch<T>::size))
        outer_columns<T>({&a[i0], i1 - i0, a.stride}, row, {&c(i0, j), {i1 - i0, n}, c.stride}, add);
      else
        for (Index i = i0; i < i1; ++i) outer_row(a[i], row, &c(i, j), n, add);
      done(i0, j, i1 - i0, n);
    }
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
