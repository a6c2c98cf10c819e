// What the kernels of recurrent layers share.
#pragma once

#include "tenon/kernel/gemm.hpp"
#include "tenon/kernel/lanes.hpp"
#include "tenon/kernel/spread.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// What `at` loads from p, or zeros.
template <class T, class At> TENON_ALWAYS_INLINE auto load_or_zero(const At& at, const T* p) {
  return p == nullptr ? decltype(at.load(p))(T(0)) : at.load(p);
}

/// Row i of an array of rows of n, or null.
template <class T> T* row_or_null(T* p, Index i, Index n) { return p == nullptr ? nullptr : p + i * n; }

/// A copy of m whose rows lie spread_row apart, so that products read it in place.
template <class T> void spread_rows(Matrix<const T> m, T* out) {
  const Index row = spread_row<T>(m.extent[1]);
  for (Index i = 0; i < m.extent[0]; ++i)
    for (Index j = 0; j < m.extent[1]; ++j) out[i * row + j] = m(i, j);
}
template <class T> Matrix<const T> spread_matrix(const T* data, Index rows, Index columns) {
  return {data, {rows, columns}, {spread_row<T>(columns), 1}};
}

}  // namespace tenon::inline TENON_ABI::kernel
