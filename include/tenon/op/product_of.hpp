// How matmul calls kernel::gemm: small products at once, others with scratch and in parts for threads, duals by the
// product rule.
#pragma once

#include "tenon/kernel/gemm.hpp"
#include "tenon/memory/scratch.hpp"
#include "tenon/simd/parallel.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI::detail {

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

}  // namespace tenon::inline TENON_ABI::detail
