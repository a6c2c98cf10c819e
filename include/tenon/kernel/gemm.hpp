// Matrix products: c = a b and c += a b, of any strides, with an epilogue on each finished block of c.
#pragma once

#include <type_traits>

#include "tenon/kernel/gemm_small.hpp"
#include "tenon/kernel/gemm_static.hpp"
#include "tenon/kernel/gemv.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Called with (i, j, rows, columns) for each block of c once it is final: this one does nothing.
struct NoEpilogue {
  void operator()(Index, Index, Index, Index) const {}
};

template <class T> inline constexpr bool has_simd_gemm = std::is_same_v<T, float> || std::is_same_v<T, double>;

/// Bytes of scratch, aligned to 64, that gemm may use for c (m, n) = a (m, k) b (k, n) whatever the strides; 0 for
/// products that pack nothing, and for T other than float and double. At most 1.2 MiB.
template <class T> constexpr Index gemm_scratch_bytes(Index m, Index n, Index k) {
  if constexpr (has_simd_gemm<T>) {
    if (m <= 1 || n <= 1 || k == 0) return 0;
    return Scratch<T>::for_sizes(m < n ? n : m, k).bytes();
  } else {
    return 0;
  }
}

/// k == 0: the empty sum.
template <class T> void store_zero(Matrix<T> c) {
  for (Index i = 0; i < c.extent[0]; ++i)
    for (Index j = 0; j < c.extent[1]; ++j) c(i, j) = T(0);
}

/// c + x b through operators + and *; of integers it wraps round, as in every op.
template <class T> T plus_product(T c, T x, T b) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    using Wrap = std::make_unsigned_t<std::common_type_t<T, int>>;  // of narrower types, int would do the arithmetic
    return static_cast<T>(static_cast<Wrap>(c) + static_cast<Wrap>(x) * static_cast<Wrap>(b));
  } else {
    return c + x * b;
  }
}
/// Rows of b are added to rows of c, so that b and c are read along their rows.
template <class T> void multiply_plainly(Matrix<const T> a, Matrix<const T> b, Matrix<T> c, Write mode) {
  if (mode == Write::store) store_zero(c);
  for (Index i = 0; i < c.extent[0]; ++i)
    for (Index p = 0; p < a.extent[1]; ++p) {
      const T x = a(i, p);
      for (Index j = 0; j < c.extent[1]; ++j) c(i, j) = plus_product(c(i, j), x, b(p, j));
    }
}

/// Whether c^T = b^T a^T copies less: then a is packed instead of b, and c written through a transpose for each part of k
/// and read through one for each but the first.
template <class T> bool packs_less_transposed(const Product<T>& s) {
  if (s.b.stride[1] == 1 || s.b.stride[0] != 1 || s.c.stride[1] != 1) return false;
  const Index m = s.c.extent[0], n = s.c.extent[1], k = s.a.extent[1],
              parts = (k + BlockShape<T>::k - 1) / BlockShape<T>::k;
  return k * n > 2 * (k * m + m * n * (2 * parts - 1));
}

/// The product of float or double matrices, m and n > 1, by the shape and strides that suit it.
template <class T> [[gnu::noinline]] void multiply_by_shape(Product<T>& s) {
  const Index m = s.c.extent[0], n = s.c.extent[1], k = s.a.extent[1];
  constexpr Index W = simd::Batch<T>::size;
  // Then lanes run along m, even if a has to be transposed for it when hardly a lane would be filled.
  const bool fills_few_lanes =
      m >= 2 * W && ((n < W && s.a.stride[0] == 1) || (4 * n <= W && k >= W && s.a.stride[1] == 1));
  const bool has_contiguous_columns = s.c.stride[1] != 1 && s.c.stride[0] == 1;
  if (fills_few_lanes || has_contiguous_columns || packs_less_transposed(s)) s.transpose();
  if (k == 1 && s.c.stride[1] == 1)
    return outer<T>({s.a.data, s.a.extent[0], s.a.stride[0]}, {s.b.data, s.b.extent[1], s.b.stride[1]}, s.c, s.add,
                    s.done);
  multiply<T>(s);
}

/// c = a b (Write::store) or c += a b (Write::add).
/// Shapes:   a (m, k), b (k, n), c (m, n), any strides
/// Pre:      c overlaps neither a nor b, and its elements are distinct
/// scratch:  gemm_scratch_bytes<T>(m, n, k) bytes aligned to 64, contents free; may be null when that is 0
/// epilogue: called as epilogue(i, j, rows, columns) once for each block of a partition of c, after the block's last
///           write and while it is in cache; it may overwrite the block. Blocks are whole rows or long pieces of rows
///           (of columns, when c is column-major). Also called when k is 0
/// T:        float and double by SIMD; any other by plain loops through operators + and *; integers wrap round
/// Accuracy: |error| <= k eps |a||b|. An element's bits depend on its row of a, its column of b, its c, k, whether m or
///           n is 1, and if so on the strides of the matrix. So a caller may split m or n into parts of 2 or more
/// Cost:     2 m n k operations; c is read and written once for each 512 of k (384 of double)
/// Source:   Goto, van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34(3), 2008
template <class T, class Epilogue = NoEpilogue>
void gemm(std::type_identity_t<Matrix<const T>> a, std::type_identity_t<Matrix<const T>> b, Matrix<T> c, Write mode,
          std::byte* scratch, Epilogue&& epilogue = {}) {
  const Index m = c.extent[0], n = c.extent[1];
  if (m == 0 || n == 0) return;
  if constexpr (has_simd_gemm<T>) {
    if (multiplied_small<T>(a, b, c, mode == Write::add)) return static_cast<void>(epilogue(0, 0, m, n));
  }
  BlockDone done;
  if constexpr (!std::is_same_v<std::remove_cvref_t<Epilogue>, NoEpilogue>) {
    done.self = const_cast<void*>(static_cast<const void*>(&epilogue));
    done.call = [](void* self, Index i, Index j, Index rows, Index columns) {
      (*static_cast<std::remove_reference_t<Epilogue>*>(self))(i, j, rows, columns);
    };
  }
  if (a.extent[1] == 0) {
    if (mode == Write::store) store_zero(c);
    return done(0, 0, m, n);
  }
  if constexpr (has_simd_gemm<T>) {
    if (n == 1)
      return gemv<T>(a, {b.data, a.extent[1], b.stride[0]}, {c.data, m, c.stride[0]}, mode == Write::add, done);
    if (m == 1) {
      done.transposed = true;
      return gemv<T>(transposed(b), {a.data, a.extent[1], a.stride[1]}, {c.data, n, c.stride[1]}, mode == Write::add,
                     done);
    }
    Product<T> product{a, b, c, mode == Write::add, reinterpret_cast<T*>(scratch), done};
    multiply_by_shape(product);
  } else {
    multiply_plainly<T>(a, b, c, mode);
    done(0, 0, m, n);
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
