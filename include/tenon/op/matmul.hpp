// matmul(a, b)
#pragma once

#include "tenon/kernel/gemm.hpp"
#include "tenon/memory/scratch.hpp"
#include "tenon/simd/parallel.hpp"
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
  template <class A, class B, class Y, class DA, class DB> static void backward(A a, B b, Y dy, DA da, DB db);
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

/// How c (m, n) = a (m, k) b (k, n) is shared among threads, and the scratch it takes.
struct GemmPlan {
  Index parts;
  bool by_rows;
  Index scratch_bytes;
};
/// Rows or columns for a thread: at least 4 million operations, some 25 microseconds; the kernel wants parts of two and
/// more for bits that do not depend on the split.
template <class T> GemmPlan gemm_plan(Index m, Index n, Index k) {
  const bool by_rows = m >= n;
  const Index lines = by_rows ? m : n, work = 2 * (by_rows ? n : m) * k;
  // The first question spares small products the division.
  const Index grain = lines * work >= Index{1} << 23 && lines > 3 ? (Index{1} << 22) / work + 2 : lines;
  const Index threads = lines < 2 * grain ? 1 : simd::thread_count(), parts = threads < lines / 2 ? threads : lines / 2;
  if (parts <= 1) return {1, by_rows, kernel::gemm_scratch_bytes<T>(m, n, k)};
  const Index most = (lines / parts + 15) / 16 * 16 + 16;
  return {parts, by_rows, (kernel::gemm_scratch_bytes<T>(by_rows ? most : m, by_rows ? n : most, k) + 63) / 64 * 64};
}

/// c = or += a b, its rows (else its columns) cut into parts, a thread each. Pre: there are at least two for each part.
template <class T, class Epilogue>
void gemm_in_parts(const GemmPlan& plan, std::byte* scratch, Matrix<const T> a, Matrix<const T> b, Matrix<T> c,
                   Write mode, Epilogue&& epilogue) {
  const bool by_rows = plan.by_rows;
  const Index parts = plan.parts, lines = c.extent[by_rows ? 0 : 1];
  simd::parallel_for(parts, 1, [&](Index first_part, Index last_part) {
    for (Index part = first_part; part < last_part; ++part) {
      // Multiples of 16 lines; the last part takes what is left, which is two lines or more.
      const auto cut = [&](Index p) { return p == parts ? lines : lines * p / parts / 16 * 16; };
      const Index first = cut(part), count = cut(part + 1) - first;
      if (count == 0) continue;
      auto pa = a, pb = b;
      auto pc = c;
      if (by_rows) {
        pa.data += first * a.stride[0];
        pa.extent[0] = pc.extent[0] = count;
        pc.data += first * c.stride[0];
      } else {
        pb.data += first * b.stride[1];
        pb.extent[1] = pc.extent[1] = count;
        pc.data += first * c.stride[1];
      }
      kernel::gemm<T>(pa, pb, pc, mode, scratch + part * plan.scratch_bytes,
                      [&](Index i, Index j, Index rows, Index columns) {
                        epilogue(i + (by_rows ? first : 0), j + (by_rows ? 0 : first), rows, columns);
                      });
    }
  });
}

template <class T, class A, class B, class C, class Epilogue>
void gemm_of(const A& a, const B& b, const C& c, Write mode, Epilogue&& epilogue) {
  if constexpr (is_dual_v<T>) {  // the product rule, on the parts of the duals: they lie interleaved, two strides apart
    using X = typename T::value_type;
    auto part = [](auto m, bool tangent) {
      using M = std::conditional_t<std::is_const_v<std::remove_pointer_t<decltype(m.data)>>, const X, X>;
      // Nothing is added to the null pointer of an empty matrix.
      return Matrix<M>{
          m.data ? reinterpret_cast<M*>(m.data) + tangent : nullptr, m.extent, {2 * m.stride[0], 2 * m.stride[1]}};
    };
    auto none = [](Index, Index, Index, Index) {};
    gemm_of<X>(part(a, false), part(b, false), part(c, false), mode, none);
    gemm_of<X>(part(a, true), part(b, false), part(c, true), mode, none);
    gemm_of<X>(part(a, false), part(b, true), part(c, true), Write::add, none);
    if (c.extent[0] > 0 && c.extent[1] > 0) epilogue(0, 0, c.extent[0], c.extent[1]);
  } else {
    if constexpr (kernel::has_simd_gemm<T>)  // no plan, no scratch
      if (c.extent[0] > 1 && c.extent[1] > 1 && kernel::multiplied_small<T>(a, b, c, mode == Write::add))
        return static_cast<void>(epilogue(0, 0, c.extent[0], c.extent[1]));
    const GemmPlan plan = gemm_plan<T>(c.extent[0], c.extent[1], a.extent[1]);
    const memory::Scratch scratch(plan.parts * plan.scratch_bytes);  // here: a thread of the team must not throw
    if (plan.parts > 1) gemm_in_parts<T>(plan, scratch.bytes(), a, b, c, mode, epilogue);
    else kernel::gemm<T>(a, b, c, mode, scratch.bytes(), epilogue);
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

template <class A, class B, class Y, class DA, class DB> void MatMul::backward(A a, B b, Y dy, DA da, DB db) {
  using T = std::remove_const_t<std::remove_reference_t<decltype(*dy.data)>>;
  constexpr int batch_rank = rank_of<Y> - (rank_of < A >> 1) - (rank_of < B >> 1);
  auto pa = detail::as_matrix(a, true), pb = detail::as_matrix(b, false);
  auto pda = detail::as_matrix(static_cast<Span<T, rank_of<A>>&>(da), true);
  auto pdb = detail::as_matrix(static_cast<Span<T, rank_of<B>>&>(db), false);
  const Index m = pa.extent[0], n = pb.extent[1], batches = detail::batch_count(batch_rank, dy.extent.data());
  auto none = [](Index, Index, Index, Index) {};
  if constexpr (rank_of < A >> 2 && rank_of<B> == 2) {
    const Matrix<const T> rows = matrix(dy.data, batches * m, n);
    const Span<T, rank_of<A>>& span_of_da = da;
    if (da && detail::rows_merge(span_of_da)) {
      detail::gemm_of<T>(rows, transposed(pb), detail::merged_rows(span_of_da), da.mode, none);
      da.data = nullptr;
    }
    if (db && detail::rows_merge(a)) {
      detail::gemm_of<T>(transposed(detail::merged_rows(a)), rows, pdb, db.mode, none);
      db.data = nullptr;
    }
  }
  detail::clear_if_repeated(da, batches);
  detail::clear_if_repeated(db, batches);
  for (Index k = 0; k < batches; ++k) {
    const Matrix<const T> pdy = matrix(dy.data + k * m * n, m, n);
    auto at = [&](const auto& s) { return detail::batch_offset(s, batch_rank, dy.extent.data(), k); };
    if (da) {
      pb.data = b.data + at(b);
      pda.data = da.data + at(da);
      detail::gemm_of<T>(pdy, transposed(pb), pda, da.mode, none);  // da = dy b^T
    }
    if (db) {
      pa.data = a.data + at(a);
      pdb.data = db.data + at(db);
      detail::gemm_of<T>(transposed(pa), pdy, pdb, db.mode, none);  // db = a^T dy
    }
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
