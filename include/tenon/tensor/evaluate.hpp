// Evaluation: an expression's type becomes a loop, its leaves the loop's operands.
#pragma once

#include "tenon/simd/parallel.hpp"
#include "tenon/tensor/operands.hpp"
#include "tenon/tensor/turned_copy.hpp"

namespace tenon::inline TENON_ABI {
namespace evaluation {

/// Elements that make a second thread worth waking, a block of them; costly functions pay sooner.
inline constexpr Index grain_cheap = Index{1} << 16, grain_costly = Index{1} << 13;

/// A result from here up, in bytes, is written past the caches: it would leave them before its first reader came, and the
/// store that allocates a cache line reads it from memory first.
inline constexpr Index streaming_bytes = Index{1} << 24;

/// A fold that reads this many bytes fetches them ahead.
inline constexpr Index far_bytes = Index{1} << 22;

/// Whether address `result` is worth streaming: large, on a cache line, and not what the loop has just read into the cache.
inline bool streams(Index n, void* const* p, const Index* item, int result) {
  if (n < streaming_bytes / item[result] || reinterpret_cast<std::uintptr_t>(p[result]) % 64 != 0) return false;
  for (int k = 0; k < result; ++k)
    if (p[k] == p[result]) return false;
  return true;
}
/// Runs a loop over rows that lie without gaps: item[k] bytes an element of address k, 0 when it stays. `result`: the
/// address that is written once and may stream, or -1; modes is null then.
template <int Count>
TENON_ALWAYS_INLINE void run_dense(rows::RowLoop loop, Index n, void* const (&p)[Count], const Index (&item)[Count],
                                   const void* modes, Index grain, int result = -1) {
  if (n <= grain) [[likely]] {
    if (n > 0) loop(n, p, modes);
    return;
  }
  const bool streaming = result >= 0 && streams(n, p, item, result);
  simd::parallel_for(n, grain, [&](Index first, Index last) {
    void* q[Count];
    for (int k = 0; k < Count; ++k) q[k] = p[k] ? static_cast<std::byte*>(p[k]) + first * item[k] : nullptr;
    loop(last - first, q, streaming ? &fused::streams_result : modes);
    if (streaming) simd::streaming_fence();
  });
}

/// Where an expression's values go, and where forward leaves what backward will read.
template <class T, class S> struct Target {
  T* data;
  Strides<S::rank> strides;
  bool dense;
  void* const* saved = nullptr;  ///< arrays for backward, or null: nothing is recorded
  T* product = nullptr;          ///< where a lazy product's own values go, when backward reads them
};
template <class P> consteval int product_count() {
  return []<class... L>(graph::list<L...>) {
    return (0 + ... + (requires { L::is_product; } ? 1 : 0));
  }(typename LeafList<P>::type{});
}
template <class T, class S, class G, class P>
void forward_with_product(P& p, const S& shape, const Target<T, S>& to);  // tensor/product.hpp

// A loop that saves is compiled where there is something to save.
template <class LoopT> TENON_ALWAYS_INLINE rows::RowLoop forward_loop(bool saving) {
  if constexpr (LoopT::plan.saved_count > 0)
    if (saving) return &LoopT::template forward<true>;
  return &LoopT::template forward<false>;
}
template <class LoopT> TENON_ALWAYS_INLINE rows::RowLoop horizontal_loop(bool saving) {
  if constexpr (LoopT::plan.saved_count > 0)
    if (saving) return &LoopT::template horizontal<true>;
  return &LoopT::template horizontal<false>;
}
template <class LoopT> TENON_ALWAYS_INLINE rows::RowLoop vertical_loop(bool saving) {
  if constexpr (LoopT::plan.saved_count > 0)
    if (saving) return &LoopT::template vertical<true>;
  return &LoopT::template vertical<false>;
}

/// One element, known as such by the types: the loop without a loop.
template <class S, class P> consteval bool is_one_element() {
  if constexpr (is_single<S>())
    return []<class... L>(graph::list<L...>) {
      return (true && ... && (L::dense && (L::shape_type::rank == 0 || std::is_same_v<typename L::shape_type, S>)));
    }(typename LeafList<P>::type{});
  else return false;
}
template <class LoopT, class T, class S, class P>
TENON_ALWAYS_INLINE void forward_one_element(P& p, const Target<T, S>& to) {
  constexpr int leaves = leaves_of<P>, saves = LoopT::plan.saved_count;
  void* at[leaves + 1 + saves];
  int k = 0;
  for_each_leaf(p, [&](auto& l) TENON_INLINE_LAMBDA { at[k++] = bytes(l.data()); });
  at[k] = to.data;
  if constexpr (saves > 0)
    if (to.saved != nullptr) {
      for (int s = 0; s < saves; ++s) at[leaves + 1 + s] = to.saved[s];
      return LoopT::template forward<true, true>(1, at, nullptr);
    }
  LoopT::template forward<false, true>(1, at, nullptr);
}

template <class LoopT, class T, class S, class P>
void forward_elementwise(P& p, const S& shape, const Target<T, S>& to) {
  constexpr int leaves = leaves_of<P>, saves = LoopT::plan.saved_count;
  const bool saving = saves > 0 && to.saved != nullptr;
  if (to.dense && all_lie_as(shape, p)) {
    void* at[leaves + 1 + saves];
    Index item[leaves + 1 + saves] = {};
    int k = 0;
    for_each_leaf(p, [&](auto& l) TENON_INLINE_LAMBDA {
      using L = std::remove_cvref_t<decltype(l)>;
      at[k] = bytes(l.data());
      item[k++] = L::shape_type::rank == 0 ? 0 : static_cast<Index>(sizeof(typename L::dtype));
    });
    at[k] = to.data;
    item[k++] = sizeof(T);
    for (int s = 0; s < saves; ++s, ++k) {
      at[k] = saving ? to.saved[s] : nullptr;
      item[k] = LoopT::saved_item[static_cast<std::size_t>(s)];
    }
    run_dense(forward_loop<LoopT>(saving), shape.size(), at, item, nullptr,
              LoopT::any_costly ? grain_costly : grain_cheap, leaves);
    return;
  }
  rows::Stream streams[leaves + 1 + saves];
  int k = 0;
  for_each_leaf(p, [&](auto& l) { streams[k++] = operand_stream(l, shape); });
  streams[k++] = output_stream<T, S::rank>(to.data, to.strides);
  if constexpr (saves > 0)
    if (saving) {
      streams_of_saved(streams + k, saves, to.saved, LoopT::saved_item.data(), padded<S::rank>(row_major(shape)));
      k += saves;
    }
  const auto extents = shape.extents();
  rows::run_in_parts(forward_loop<LoopT>(saving), S::rank, extents.data(), streams, k, nullptr, 0,
                     LoopT::any_costly ? grain_costly : grain_cheap);
}

/// Number of elements folded into one result, for the dimensions in `axes`.
template <class S> Index folded_count(const S& shape, rows::Axes axes) {
  Index n = 1;
  for (int d = 0; d < S::rank; ++d)
    if ((axes >> d) & 1u) n *= shape[d];
  return n;
}
/// Strides of the row-major result of a fold, read along the operand's dimensions: 0 where folded away.
template <class S> std::array<Index, max_rank> fold_strides(const S& shape, rows::Axes axes) {
  std::array<Index, max_rank> s{};
  Index step = 1;
  for (int d = S::rank - 1; d >= 0; --d) {
    if ((axes >> d) & 1u) continue;
    s[static_cast<std::size_t>(d)] = step;
    step *= shape[d];
  }
  return s;
}
template <class S> consteval rows::Axes all_axes() { return (1u << S::rank) - 1u; }
/// Whether the rows of the loop end in a folded dimension.
template <class S, rows::Axes A> inline constexpr bool folds_rows = S::rank == 0 || ((A >> (S::rank - 1)) & 1u) != 0;

template <class LoopT, class F, rows::Axes A, class T, class S, class P>
void forward_fold(P& p, const S& shape, T* to, void* const* saved) {
  using Acc = typename LoopT::Acc;
  constexpr int leaves = leaves_of<P>, saves = LoopT::plan.saved_count;
  const bool saving = saves > 0 && saved != nullptr;
  const Index folded = folded_count(shape, A);
  if constexpr (A == all_axes<S>()) {
    if (all_lie_as(shape, p)) {  // everything in one run
      rows::Cascade<F, Acc> cascade;
      Acc state[F::states];
      void* at[leaves + 1 + saves];
      Index item[leaves + 1 + saves] = {};
      int k = 0;
      for_each_leaf(p, [&](auto& l) TENON_INLINE_LAMBDA {
        using L = std::remove_cvref_t<decltype(l)>;
        at[k] = bytes(l.data());
        item[k++] = L::shape_type::rank == 0 ? 0 : static_cast<Index>(sizeof(typename L::dtype));
      });
      at[k++] = state;
      for (int s = 0; s < saves; ++s, ++k) {
        at[k] = saving ? saved[s] : nullptr;
        item[k] = LoopT::saved_item[static_cast<std::size_t>(s)];
      }
      const rows::RowLoop loop = horizontal_loop<LoopT>(saving);
      if (folded <= fused::fold_block) {
        F::start(state);
        if (folded > 0) loop(folded, at, nullptr);
      } else {
        Index bytes_read = 0;
        for (int j = 0; j < leaves; ++j) bytes_read += folded * item[j];
        const rows::RowLoop loop_of_block =
            saving || bytes_read < far_bytes ? loop : &LoopT::template horizontal<false, true>;
        for (Index first = 0; first < folded; first += fused::fold_block) {
          F::start(state);
          loop_of_block(folded - first < fused::fold_block ? folded - first : fused::fold_block, at, nullptr);
          cascade.push(state);
          for (int j = 0; j < leaves + 1 + saves; ++j)
            if (at[j] != nullptr) at[j] = static_cast<std::byte*>(at[j]) + fused::fold_block * item[j];
        }
        cascade.total(state);
      }
      *to = static_cast<T>(F::finish(state, folded));
      return;
    }
  }
  std::array<rows::Stream, static_cast<std::size_t>(leaves + 1 + saves)> streams;
  std::size_t k = 0;
  for_each_leaf(p, [&](auto& l) { streams[k++] = operand_stream(l, shape); });
  streams[k++] = {bytes(to), static_cast<Index>(sizeof(T)), false, true, nullptr, -1, fold_strides(shape, A)};
  if constexpr (saves > 0)
    streams_of_saved(&streams[k], saves, saving ? saved : nullptr, LoopT::saved_item.data(),
                     padded<S::rank>(row_major(shape)));
  for (int d = 0; d < S::rank; ++d)
    if (shape[d] == 0 && !((A >> d) & 1u)) return;  // no results
  const auto extents = shape.extents();
  if constexpr (folds_rows<S, A>)
    rows::fold_horizontal<F, Acc, T, leaves + 1 + saves>(horizontal_loop<LoopT>(saving), S::rank, extents.data(), A,
                                                         streams, leaves, folded);
  else
    rows::fold_vertical<F, Acc, T, leaves + 1 + saves>(vertical_loop<LoopT>(saving), S::rank, extents.data(), A,
                                                       streams, leaves, folded);
}

/// The loop type of (G, P) over shape S, result dtype T.
template <class T, class S, class G, class P> struct LoopFor {
  using type = fused::Loop<canonical_t<G, P, S>, leaves_of<P>, T>;
};
template <class T, class S, class F, rows::Axes A, class G, class P, class SIn>
struct LoopFor<T, S, folded<F, A, G>, FoldPack<P, SIn>> {
  using type = fused::FoldLoop<canonical_t<G, P, SIn>, leaves_of<P>, F>;
};

template <class T, class S, class G, class P> TENON_ALWAYS_INLINE void check_leaves(P& p, Loc at) {
  for_each_leaf_of(p, [&](auto& l) TENON_INLINE_LAMBDA { l.check(RootName<G>::value, at); });
}

/// A leaf alone, of the result's dtype: a copy, which may change the order of dimensions.
template <class T, class S, class P> bool copied_turned(P& p, const S& shape, const Target<T, S>& to) {
  if constexpr (!is_pack_v<P> && !P::dense && S::rank > 1 && std::is_same_v<typename P::dtype, T>) {
    const auto extents = shape.extents();
    return rows::copy_turned(S::rank, extents.data(), operand_stream(p, shape),
                             output_stream<T, S::rank>(to.data, to.strides));
  } else {
    return false;
  }
}

/// Values of (G, P) into `to`. Pre: the leaves are checked, `to` overlaps none of them except exactly.
template <class T, class S, class G, class P>
void forward(std::type_identity<G>, P& p, const S& shape, const Target<T, S>& to) {
  ++memory::thread_counters.loops;
  if constexpr (std::is_same_v<G, leaf> && product_count<P>() == 0)
    if (copied_turned<T, S>(p, shape, to)) return;
  if constexpr (product_count<P>() > 0) forward_with_product<T, S, G>(p, shape, to);
  else forward_elementwise<typename LoopFor<T, S, G, P>::type>(p, shape, to);
}
template <class T, class S, class F, rows::Axes A, class G, class P, class SIn>
void forward(std::type_identity<folded<F, A, G>>, FoldPack<P, SIn>& p, const S&, const Target<T, S>& to) {
  ++memory::thread_counters.loops;
  forward_fold<typename LoopFor<T, S, folded<F, A, G>, FoldPack<P, SIn>>::type, F, A>(p.operands, p.shape, to.data,
                                                                                      to.saved);
}

/// forward, with a loop of one element in place: what a small op on the tape costs is not the op.
template <class T, class S, class G, class P>
TENON_ALWAYS_INLINE void forward_in_place(std::type_identity<G> g, P& p, const S& shape, const Target<T, S>& to) {
  if constexpr (!is_fold_pack_v<P>) {
    if constexpr (is_one_element<S, P>() && product_count<P>() == 0) {
      ++memory::thread_counters.loops;
      return forward_one_element<typename LoopFor<T, S, G, P>::type>(p, to);
    }
  }
  forward(g, p, shape, to);
}

}  // namespace evaluation

/// Evaluates into storage of its own that expressions share by a plain count.
struct PlainContext {
  template <class T, class S> using Result = Held<T, S>;
  struct FrameRef {};
  template <class P> static FrameRef frame_of(const P&) { return {}; }
  template <class P> static void check_frame(FrameRef, const P&, Loc) {}
  template <class P> static void check_escape(const P&, Loc) {}  // nothing is recorded, so nothing is lost outside
  template <class P> static void check_number(const P&, Loc) {}

  template <class T, class S, class Op, class... L>
  static Held<T, S> structured(const Op& op, const S& shape, Loc at, const L&... x);  // tensor/structured.hpp
  template <class T, class S, class G, class P> static Held<T, S> evaluate(P& p, const S& shape, Loc at) {
    evaluation::check_leaves<T, S, G>(p, at);
    const Index n = checked_size(shape.extents(), sizeof(T), at);
    memory::Storage storage(n * static_cast<Index>(sizeof(T)), at);
    evaluation::forward(std::type_identity<G>{}, p, shape,
                        evaluation::Target<T, S>{static_cast<T*>(storage.bytes()), row_major(shape), true});
    return Held<T, S>(std::move(storage), shape);
  }
};

}  // namespace tenon::inline TENON_ABI
