// Strides: where the element at an index lies. Pure functions; each states a law that tests/shape/layout_test.cpp checks
// at every index.
#pragma once

#include "tenon/shape/shape.hpp"

namespace tenon::inline TENON_ABI {

template <int R> using Strides = std::array<Index, static_cast<std::size_t>(R)>;

/// Strides of a row-major array without gaps. Law: offset(i) counts the indices before i in lexicographic order.
template <class S> constexpr Strides<S::rank> row_major(const S& shape) {
  Strides<S::rank> s{};
  Index step = 1;
  for (int d = S::rank - 1; d >= 0; --d) {
    s[static_cast<std::size_t>(d)] = step;
    step *= shape[d];
  }
  return s;
}

/// Sum of index times stride.
template <std::size_t N> constexpr Index offset(const std::array<Index, N>& index, const std::array<Index, N>& stride) {
  Index o = 0;
  for (std::size_t d = 0; d < N; ++d) o += index[d] * stride[d];
  return o;
}

/// Whether the strides are those of row_major(shape); extents of 1 may have any stride, and so may an empty array.
template <class S> constexpr bool is_row_major(const S& shape, const Strides<S::rank>& stride) {
  Index step = 1;
  bool counts = true, empty = false;
  for (int d = S::rank - 1; d >= 0; --d) {
    counts = counts && (shape[d] == 1 || stride[static_cast<std::size_t>(d)] == step);
    empty = empty || shape[d] == 0;
    step *= shape[d];
  }
  return counts || empty;
}

/// Strides of an array shaped `from` when it is read as the broadcast shape `to`, right-aligned: 0 where it is repeated.
/// Law: the element at index i of the result is the element at i, cut to from's rank, with 0 where from's extent is 1.
template <class To, class From>
constexpr Strides<To::rank> broadcast_strides(const To& to, const From& from, const Strides<From::rank>& stride) {
  static_assert(From::rank <= To::rank);
  Strides<To::rank> s{};
  for (int d = 0; d < From::rank; ++d) {
    const int t = d + To::rank - From::rank;
    s[static_cast<std::size_t>(t)] = from[d] == 1 && to[t] != 1 ? 0 : stride[static_cast<std::size_t>(d)];
  }
  return s;
}

/// First and one-past-last byte of what (data, shape, stride) touches; strides may be negative. Empty: begin == end.
struct ByteRange {
  const std::byte* begin;
  const std::byte* end;
  friend constexpr bool overlap(ByteRange a, ByteRange b) { return a.begin < b.end && b.begin < a.end; }
};
template <class T, class S> ByteRange byte_range(const T* data, const S& shape, const Strides<S::rank>& stride) {
  Index low = 0, high = 0;
  for (int d = 0; d < S::rank; ++d) {
    if (shape[d] == 0) return {reinterpret_cast<const std::byte*>(data), reinterpret_cast<const std::byte*>(data)};
    const Index reach = (shape[d] - 1) * stride[static_cast<std::size_t>(d)];
    (reach < 0 ? low : high) += reach;
  }
  return {reinterpret_cast<const std::byte*>(data + low), reinterpret_cast<const std::byte*>(data + high + 1)};
}

}  // namespace tenon::inline TENON_ABI
