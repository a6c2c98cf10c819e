// Raw strided memory with extents: what kernels take. It owns nothing and checks nothing.
#pragma once

#include <array>
#include <type_traits>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI {

/// Whether an output is overwritten or added to.
enum class Write : unsigned char { store, add };

/// Element (i0, i1, ...) lies at data[i0 * stride[0] + i1 * stride[1] + ...]. Null data: "nobody asked for this one".
template <class T, int R> struct Span {
  T* data = nullptr;
  std::array<Index, R> extent{};
  std::array<Index, R> stride{};  ///< in elements

  constexpr explicit operator bool() const { return data != nullptr; }
  constexpr Index size() const {
    Index n = 1;
    for (Index e : extent) n *= e;
    return n;
  }
  constexpr operator Span<const T, R>() const requires(!std::is_const_v<T>) { return {data, extent, stride}; }
  template <class... I> constexpr T& operator()(I... i) const {
    static_assert(sizeof...(I) == R);
    Index k = 0, at = 0;
    ((at += static_cast<Index>(i) * stride[static_cast<std::size_t>(k++)]), ...);
    return data[at];
  }
};

/// The rank of a span type (and of what derives from one by adding members only).
template <class T, int R> consteval int span_rank(const Span<T, R>*) { return R; }
template <class S> inline constexpr int rank_of = span_rank(static_cast<S*>(nullptr));

template <class T> using Matrix = Span<T, 2>;

/// Rows `rows`, columns `cols`, row-major without gaps.
template <class T> constexpr Matrix<T> matrix(T* data, Index rows, Index cols) {
  return {data, {rows, cols}, {cols, 1}};
}
template <class T> constexpr Matrix<T> transposed(Matrix<T> m) {
  return {m.data, {m.extent[1], m.extent[0]}, {m.stride[1], m.stride[0]}};
}

}  // namespace tenon::inline TENON_ABI
