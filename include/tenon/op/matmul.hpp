// matmul(a, b)
#pragma once

#include "tenon/op/product_of.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI {

/// y = a b, NumPy's matmul.
/// Shapes:     (m, k) (k, n) -> (m, n); (k) (k, n) -> (n); (m, k) (k) -> (m); (k) (k) -> (); leading dimensions of
///             operands of rank 3 and more are batches and broadcast
/// Derivative: da = dy b^T, db = a^T dy. Source: Giles, An extended collection of matrix derivative results for forward
///             and reverse mode automatic differentiation, Oxford report 08/01, 2008
/// Accuracy:   |error| <= k eps |a||b| for each element
/// Cost:       batches of a times one matrix b are one product of all their rows when these lie at one stride
/// Fuses:      the elementwise rest of the expression (bias, activation) runs on each block of y in cache
/// Dtype:      that of both; integers wrap round. Two dtypes and 16-bit ones do not compile, nor does rank 0
/// Throws:     ShapeError when the inner extents differ or batches do not broadcast
struct MatMul {
  static constexpr std::string_view name = "matmul";

  template <class A, class B, class Y, class Epilogue> static void forward(A a, B b, Y y, Epilogue&& epilogue);
  /// The same for matrices without gaps whose shapes SA and SB are constants and small: kernel/gemm_static.hpp.
  template <class SA, class SB, class T> static consteval bool has_static() {
    if constexpr (SA::rank == 2 && SB::rank == 2)
      return SA::is_static && SB::is_static &&
             kernel::has_static_gemm<T, SA::pattern[0], SB::pattern[1], SA::pattern[1]>;
    else return false;
  }
  template <class SA, class SB, class T, class Epilogue>
  static void forward_static(const T* a, const T* b, T* y, Epilogue&& epilogue) {
    constexpr Index m = SA::pattern[0], n = SB::pattern[1];
    kernel::gemm_static<m, n, SA::pattern[1]>(a, b, y);
    epilogue(0, 0, m, n);
  }
  template <class A, class B, class Y, class DA, class DB>
  static void backward(const A& a, const B& b, const Y& dy, const DA& da, const DB& db);
  /// Takes the scratch that the gradient of b will need, so that computing it later asks for no memory. a (m, k),
  /// b (k, n): of matrices only, so what this takes no others may put off.
  template <class T> static void reserve_gradient(const std::array<Index, 2>& a, const std::array<Index, 2>& b);
};

namespace detail {

/// Extents of matmul's result: those of the batches, broadcast, then rows and columns that are not vectors'.
template <class A, class B> struct MatMulShape {
  static_assert(A::rank > 0 && B::rank > 0, "tenon::matmul: a rank-0 operand; use * to scale");
  static constexpr Index ka = A::pattern.back(),
                         kb = B::pattern[static_cast<std::size_t>(B::rank > 1 ? B::rank - 2 : 0)];
  template <class S, std::size_t... I> static auto lead(std::index_sequence<I...>) -> Shape<S::pattern[I]...>;
  template <class S>
  using Batch = decltype(lead<S>(std::make_index_sequence<static_cast<std::size_t>(S::rank > 2 ? S::rank - 2 : 0)>{}));
  using BatchShape = broadcast_t<Batch<A>, Batch<B>>;
  static constexpr int rank = BatchShape::rank + (A::rank > 1) + (B::rank > 1);
  static constexpr auto pattern = [] {
    std::array<Index, static_cast<std::size_t>(rank)> p{};
    std::size_t d = 0;
    for (Index e : BatchShape::pattern) p[d++] = e;
    if (A::rank > 1) p[d++] = A::pattern[static_cast<std::size_t>(A::rank > 1 ? A::rank - 2 : 0)];
    if (B::rank > 1) p[d++] = B::pattern.back();
    return p;
  }();
  template <std::size_t... I> static auto make(std::index_sequence<I...>) -> Shape<pattern[I]...>;
  using type = decltype(make(std::make_index_sequence<static_cast<std::size_t>(rank)>{}));
};

TENON_COLD inline void matmul_clash(const std::string& a, const std::string& b, Index ka, Index kb, Loc at) {
  throw ShapeError(at,
                   "tenon::matmul: a of shape " + a + " and b of shape " + b + ": a has " + std::to_string(ka) +
                       " columns but b has " + std::to_string(kb) + " rows",
                   "transpose(a), or transpose(b), swaps the last two dimensions");
}

template <class A, class B> auto matmul_shape(const A& a, const B& b, Loc at) {
  using M = MatMulShape<A, B>;
  if constexpr (!may_equal(M::ka, M::kb)) (void)sizeof(shapes_do_not_match<A, B>);
  static_assert(
      may_equal(M::ka, M::kb),
      "tenon::matmul: the columns of a are not the rows of b; both shapes stand in shapes_do_not_match<...> above");
  using R = typename M::type;
  const Index ka = a[A::rank - 1], kb = b[B::rank > 1 ? B::rank - 2 : 0];
  if (ka != kb) matmul_clash(to_string(a), to_string(b), ka, kb, at);
  if constexpr (R::is_static) {
    return R{};
  } else {
    typename R::Extents e{};
    std::size_t d = 0;
    if constexpr (M::BatchShape::rank > 0) {
      auto lead = [&]<class S>(const S& s) {
        typename M::template Batch<S>::Extents x{};
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = s[static_cast<int>(i)];
        return typename M::template Batch<S>(x, at);
      };
      for (Index x : broadcast("matmul", at, lead(a), lead(b)).extents()) e[d++] = x;
    }
    if constexpr (A::rank > 1) e[d++] = a[A::rank - 2];
    if constexpr (B::rank > 1) e[d++] = b[B::rank - 1];
    return R(e, at);
  }
}

/// The last two dimensions as a matrix; a vector is a row on the left of a product, a column on its right.
template <class T, int R> Matrix<T> as_matrix(const Span<T, R>& s, bool left) {
  if constexpr (R == 1)
    return left ? Matrix<T>{s.data, {1, s.extent[0]}, {0, s.stride[0]}}
                : Matrix<T>{s.data, {s.extent[0], 1}, {s.stride[0], 0}};
  else return {s.data, {s.extent[R - 2], s.extent[R - 1]}, {s.stride[R - 2], s.stride[R - 1]}};
}

/// Whether all of s but its last dimension are the rows of one matrix: they follow each other at one stride.
template <class T, int R> bool rows_merge(const Span<T, R>& s) {
  Index step = s.stride[R - 2] * s.extent[R - 2];
  for (int d = R - 3; d >= 0; step *= s.extent[static_cast<std::size_t>(d--)])
    if (s.extent[static_cast<std::size_t>(d)] != 1 && s.stride[static_cast<std::size_t>(d)] != step) return false;
  return true;
}
/// That matrix. Pre: rows_merge(s).
template <class T, int R> Matrix<T> merged_rows(const Span<T, R>& s) {
  Index rows = 1;
  for (std::size_t d = 0; d + 1 < R; ++d) rows *= s.extent[d];
  return {s.data, {rows, s.extent[R - 1]}, {s.stride[R - 2], s.stride[R - 1]}};
}

/// Where matrix number n of the broadcast batches lies in s: batches that s repeats stand still.
template <class T, int R> Index batch_offset(const Span<T, R>& s, int batch_rank, const Index* batch_extent, Index n) {
  Index o = 0;
  for (int d = batch_rank - 1; d >= 0; --d) {
    const Index i = n % batch_extent[d];
    n /= batch_extent[d];
    const int own = d - (batch_rank - (R - 2));
    if (own >= 0 && s.extent[static_cast<std::size_t>(own)] != 1) o += i * s.stride[static_cast<std::size_t>(own)];
  }
  return o;
}
inline Index batch_count(int batch_rank, const Index* extent) {
  Index n = 1;
  for (int d = 0; d < batch_rank; ++d) n *= extent[d];
  return n;
}
/// A gradient whose matrices serve several batches receives their sum: cleared, then added to.
template <class T, int R> void clear_if_repeated(Gradient<T, R>& g, Index batches) {
  const Index own = batch_count(R - 2, g.extent.data());
  if (!g || g.mode == Write::add || own == batches) return;
  const Index n = g.size();
  for (Index i = 0; i < n; ++i) g.data[i] = T(0);
  g.mode = Write::add;
}

/// MatMul::backward for batches and vectors.
template <class T, class A, class B, class Y, class DA, class DB>
void matmul_backward(const A& a, const B& b, const Y& dy, DA da, DB db) {
  constexpr int batch_rank = rank_of<Y> - (rank_of < A >> 1) - (rank_of < B >> 1);
  auto pa = as_matrix(a, true), pb = as_matrix(b, false);
  auto pda = as_matrix(static_cast<Span<T, rank_of<A>>&>(da), true);
  auto pdb = as_matrix(static_cast<Span<T, rank_of<B>>&>(db), false);
  const Index m = pa.extent[0], n = pb.extent[1], batches = batch_count(batch_rank, dy.extent.data());
  auto none = [](Index, Index, Index, Index) {};
  if constexpr (rank_of < A >> 2 && rank_of<B> == 2) {
    const Matrix<const T> rows = matrix(dy.data, batches * m, n);
    const Span<T, rank_of<A>>& span_of_da = da;
    if (da && rows_merge(span_of_da)) {
      gemm_of<T>(rows, transposed(pb), merged_rows(span_of_da), da.mode, none);
      da.data = nullptr;
    }
    if (db && rows_merge(a)) {
      gemm_of<T>(transposed(merged_rows(a)), rows, pdb, db.mode, none);
      db.data = nullptr;
    }
  }
  clear_if_repeated(da, batches);
  clear_if_repeated(db, batches);
  for (Index k = 0; k < batches; ++k) {
    const Matrix<const T> pdy = matrix(dy.data + k * m * n, m, n);
    auto at = [&](const auto& s) { return batch_offset(s, batch_rank, dy.extent.data(), k); };
    if (da) {
      pb.data = b.data + at(b);
      pda.data = da.data + at(da);
      gemm_of<T>(pdy, transposed(pb), pda, da.mode, none);  // da = dy b^T
    }
    if (db) {
      pa.data = a.data + at(a);
      pdb.data = db.data + at(db);
      gemm_of<T>(transposed(pa), pdy, pdb, db.mode, none);  // db = a^T dy
    }
  }
}

}  // namespace detail

template <class A, class B, class Y, class Epilogue> void MatMul::forward(A a, B b, Y y, Epilogue&& epilogue) {
  using T = std::remove_reference_t<decltype(*y.data)>;
  constexpr bool vector_a = rank_of<A> == 1, vector_b = rank_of<B> == 1;
  constexpr int batch_rank = rank_of<Y> - !vector_a - !vector_b;
  auto pa = detail::as_matrix(a, true), pb = detail::as_matrix(b, false);
  const Index m = pa.extent[0], n = pb.extent[1];
  if constexpr (rank_of < A >> 2 && rank_of<B> == 2)
    if (detail::rows_merge(a)) {
      const auto rows = detail::merged_rows(a);
      return detail::gemm_of<T>(rows, pb, matrix(y.data, rows.extent[0], n), Write::store, epilogue);
    }
  for (Index k = 0; k < detail::batch_count(batch_rank, y.extent.data()); ++k) {
    pa.data = a.data + detail::batch_offset(a, batch_rank, y.extent.data(), k);
    pb.data = b.data + detail::batch_offset(b, batch_rank, y.extent.data(), k);
    // y is read as a matrix of its last extent, so a matrix times a vector is one row a batch.
    detail::gemm_of<T>(pa, pb, matrix(y.data + k * m * n, m, n), Write::store,
                       [&](Index i, Index j, Index rows, Index columns) {
                         if constexpr (vector_b && !vector_a) epilogue(k, i, 1, rows);
                         else epilogue(k * m + i, j, rows, columns);
                       });
  }
}

template <class A, class B, class Y, class DA, class DB>
void MatMul::backward(const A& a, const B& b, const Y& dy, const DA& asked_da, const DB& asked_db) {
  using T = std::remove_const_t<std::remove_reference_t<decltype(*dy.data)>>;
  if constexpr (rank_of<A> == 2 && rank_of<B> == 2) {
    auto nothing = [](Index, Index, Index, Index) {};
    if (asked_da) detail::gemm_of<T>(dy, transposed(Matrix<const T>(b)), asked_da, asked_da.mode, nothing);
    if (asked_db) detail::gemm_of<T>(transposed(Matrix<const T>(a)), dy, asked_db, asked_db.mode, nothing);
  } else {
    detail::matmul_backward<T>(a, b, dy, asked_da, asked_db);
  }
}

template <class T> void MatMul::reserve_gradient(const std::array<Index, 2>& a, const std::array<Index, 2>& b) {
  const auto plan = detail::gemm_plan<T>(b[0], b[1], a[0]);
  const memory::Scratch reserved(plan.parts * plan.scratch_bytes);
}

template <class A, class B>
requires operands<A> && operands<B>
auto matmul(A&& a, B&& b, Loc at = Loc::current()) {
  static_assert(!is_half_v<dtype_of_t<A>> && !is_half_v<dtype_of_t<B>>,
                "tenon::matmul: 16-bit types are for storage; write cast<float>(x)");
  return build::product(MatMul{}, std::forward<A>(a), std::forward<B>(b), at,
                        [at](const auto& sa, const auto& sb) { return detail::matmul_shape(sa, sb, at); });
}

}  // namespace tenon::inline TENON_ABI
