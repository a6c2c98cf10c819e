// Eigen's matrices as tenon's views, and tenon's tensors as Eigen's maps; nothing is copied.
//
//   Eigen::MatrixXf m = ...;
//   auto lent = tn::borrow_eigen(m);              // owner object: its views are stamped and end with it
//   tn::Tensor y = tn::matmul(lent, x);
//   tn::as_eigen(y).colwise().sum();              // a const Eigen::Map
//   { auto w = y.mut(); tn::as_eigen(w).setZero(); }
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // as in simd/batch.hpp: g++ 12 blames its own intrinsics (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "tenon/tensor/unsafe_borrow.hpp"

namespace tenon::inline TENON_ABI {

/// An Eigen matrix, array, map, ref or block whose elements lie in memory, with fixed strides.
template <class D>
concept eigen_dense = std::is_base_of_v<Eigen::DenseBase<std::remove_cvref_t<D>>, std::remove_cvref_t<D>> &&
                      (Eigen::internal::traits<std::remove_cvref_t<D>>::Flags& Eigen::DirectAccessBit) != 0;

namespace detail {

inline constexpr auto eigen_extent = [](int n) { return n == Eigen::Dynamic ? dyn : static_cast<Index>(n); };
/// A column or row known as such to the compiler has rank 1.
template <class D> inline constexpr bool is_eigen_vector = D::RowsAtCompileTime == 1 || D::ColsAtCompileTime == 1;

template <class T, class D> auto lend_eigen(T* data, const D& m, Loc at) {
  constexpr bool by_rows = (Eigen::internal::traits<D>::Flags & Eigen::RowMajorBit) != 0;
  if constexpr (is_eigen_vector<D>) {
    using S = Shape<eigen_extent(D::SizeAtCompileTime)>;
    return [&]<Index... E>(const Shape<E...>& s) {
      return BorrowedMemory<T, E...>(data, s, Strides<1>{m.innerStride()}, at);
    }
    (S(m.size()));
  } else {
    using S = Shape<eigen_extent(D::RowsAtCompileTime), eigen_extent(D::ColsAtCompileTime)>;
    const Strides<2> strides =
        by_rows ? Strides<2>{m.outerStride(), m.innerStride()} : Strides<2>{m.innerStride(), m.outerStride()};
    return [&]<Index... E>(const Shape<E...>& s) { return BorrowedMemory<T, E...>(data, s, strides, at); }
    (S(m.rows(), m.cols()));
  }
}
/// Objects that own their elements: a temporary one is gone before its views.
template <class D> inline constexpr bool owns_elements = std::is_base_of_v<Eigen::PlainObjectBase<D>, D>;

template <class T, Index... E> struct EigenPlain;  // the matrix that a tensor of these extents looks like
template <class T, Index N> struct EigenPlain<T, N> {
  using type = Eigen::Matrix<T, N == dyn ? Eigen::Dynamic : static_cast<int>(N), 1>;
};
template <class T, Index N, Index M> struct EigenPlain<T, N, M> {
  // Eigen wants a static row to be row-major and a static column column-major; strides say the rest.
  using type =
      Eigen::Matrix<T, N == dyn ? Eigen::Dynamic : static_cast<int>(N), M == dyn ? Eigen::Dynamic : static_cast<int>(M),
                    (M == 1 && N != 1) ? Eigen::ColMajor : Eigen::RowMajor>;
};
template <class T, Index... E> using eigen_plain_t = typename EigenPlain<T, E...>::type;

template <class Map, class T, class S> Map map_with_strides(T* data, const S& shape, const Strides<S::rank>& s) {
  using Stride = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  if constexpr (S::rank == 1) return Map(data, shape[0], 1, Stride(s[0] * shape[0], s[0]));
  else if constexpr (Map::IsRowMajor) return Map(data, shape[0], shape[1], Stride(s[0], s[1]));
  else return Map(data, shape[0], shape[1], Stride(s[1], s[0]));
}

}  // namespace detail

/// Lends an Eigen object's elements, row- or column-major, with gaps or without, as long as the result lives: use it as
/// a tensor in expressions, or its view() and mut(). Matrices and arrays have rank 2, static vectors rank 1. Read-only
/// when the object is const. The rules of BorrowedMemory hold: the Eigen object must outlive it and keep its size.
/// A temporary matrix does not compile; a temporary map, block or ref does, for it owns nothing.
template <class D>
requires eigen_dense<D>
auto borrow_eigen(D& m, Loc at = Loc::current()) { return detail::lend_eigen(m.data(), m, at); }
template <eigen_dense D>
requires(!detail::owns_elements<D>) auto borrow_eigen(D&& m, Loc at = Loc::current()) {
  return detail::lend_eigen(m.data(), m, at);
}
template <eigen_dense D>
requires detail::owns_elements<D>
auto borrow_eigen(const D&& m, Loc at = Loc::current()) = delete;

/// A tensor (rank 1: a column; rank 2: a row-major matrix) as a map to read. Valid while nobody writes or ends it; the
/// check is made now, as for data().
template <class T, Index... E>
requires(sizeof...(E) == 1 || sizeof...(E) == 2) auto as_eigen(const Tensor<T, E...>& x, Loc at = Loc::current()) {
  using Plain = detail::eigen_plain_t<T, E...>;
  if constexpr (sizeof...(E) == 1) return Eigen::Map<const Plain>(x.data(at), x.shape()[0]);
  else return Eigen::Map<const Plain>(x.data(at), x.shape()[0], x.shape()[1]);
}
template <class T, Index... E> auto as_eigen(const Tensor<T, E...>&& x, Loc at = Loc::current()) = delete;
/// A view, with its strides.
template <class T, Index... E>
requires(sizeof...(E) == 1 || sizeof...(E) == 2) auto as_eigen(const View<T, E...>& x, Loc at = Loc::current()) {
  using Map =
      Eigen::Map<const detail::eigen_plain_t<T, E...>, Eigen::Unaligned, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
  return detail::map_with_strides<Map>(x.data(at), x.shape(), x.strides());
}
/// An open exclusive borrow, to write through; valid until it ends.
template <class T, Index... E>
requires(sizeof...(E) == 1 || sizeof...(E) == 2) auto as_eigen(MutView<T, E...>& x, Loc at = Loc::current()) {
  using Map =
      Eigen::Map<detail::eigen_plain_t<T, E...>, Eigen::Unaligned, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
  return detail::map_with_strides<Map>(x.data(at), x.shape(), x.strides());
}

}  // namespace tenon::inline TENON_ABI
