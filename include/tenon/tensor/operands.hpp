// What a loop needs to know of an expression's operands: their canonical graph, how they lie, their rows.
#pragma once

#include "tenon/tensor/expr.hpp"
#include "tenon/tensor/fold_rows.hpp"

namespace tenon::inline TENON_ABI {

/// The root of a reduction: fold F over the dimensions in `Folded` (bits) of G's values.
template <class F, rows::Axes Folded, class G> struct folded {};
/// Its operands: those of G, the shape that G has before folding.
template <class P, class S> struct FoldPack {
  P operands;
  [[no_unique_address]] S shape;
};
template <class P, class S> struct LeafList<FoldPack<P, S>> : LeafList<P> {};
template <class> inline constexpr bool is_fold_pack_v = false;
template <class P, class S> inline constexpr bool is_fold_pack_v<FoldPack<P, S>> = true;
/// for_each_leaf, for reductions' operands as well.
template <class P, class F> TENON_ALWAYS_INLINE void for_each_leaf_of(P& p, const F& f) {
  if constexpr (is_fold_pack_v<std::remove_const_t<P>>) for_each_leaf(p.operands, f);
  else for_each_leaf(p, f);
}

namespace evaluation {

/// One element, by its type.
template <class S> consteval bool is_single() {
  if constexpr (S::is_static) return S{}.size() == 1;
  else return false;
}
/// One element of leaf L serves the whole row of an expression shaped S. (A leaf of one element serves all rows, so that
/// a row of one is no reason to read it anew each time.)
template <class L, class S> consteval bool is_splat() {
  using LS = typename L::shape_type;
  if constexpr (S::rank == 0) return false;
  else if constexpr (LS::rank == 0) return true;
  else return LS::pattern.back() == 1 && (S::pattern.back() != 1 || (is_single<LS>() && !is_single<S>()));
}
template <class L> consteval bool is_active() {
  if constexpr (requires { L::tracked; }) return L::tracked;
  else return false;
}

/// The list of args for leaves L...: tagged leaves repeat the number of the first of their tag.
template <class S, class... L> struct ArgList {
  static constexpr int count = static_cast<int>(sizeof...(L));
  static consteval int number(int i) {
    constexpr int tags[] = {L::tag...};
    if (tags[i] >= 0)
      for (int j = 0; j < i; ++j)
        if (tags[j] == tags[i]) return j;
    return i;
  }
  template <class Seq> struct Make;
  template <std::size_t... I> struct Make<std::index_sequence<I...>> {
    using type =
        graph::list<graph::arg<number(static_cast<int>(I)), typename L::dtype, is_splat<L, S>(), is_active<L>()>...>;
  };
  using type = typename Make<std::index_sequence_for<L...>>::type;
};
template <class G, class S, class L> struct CanonicalOf;
template <class G, class S, class... L> struct CanonicalOf<G, S, graph::list<L...>> {
  static constexpr int leaves = static_cast<int>(sizeof...(L));
  using type = typename graph::Canonical<G, 0, typename ArgList<S, L...>::type>::type;
};

/// The canonical graph of (G, P) evaluated over shape S, and its number of leaves.
template <class G, class P, class S> using canonical_t = typename CanonicalOf<G, S, typename LeafList<P>::type>::type;
template <class P> inline constexpr int leaves_of = LeafList<P>::type::size;

template <class G> struct RootName { static constexpr std::string_view value = "expression"; };
template <class Op, class... C> struct RootName<node<Op, C...>> { static constexpr std::string_view value = Op::name; };
template <class F, rows::Axes A, class G> struct RootName<folded<F, A, G>> {
  static constexpr std::string_view value = F::name;
};

/// Whether every leaf lies as the result does, or is one number: then the loop runs once over all of it.
template <class S, class L> TENON_ALWAYS_INLINE bool lies_as(const S& shape, const L& l) {
  using LS = typename L::shape_type;
  if constexpr (LS::rank == 0 && L::dense) return true;
  else if constexpr (!L::dense || LS::rank != S::rank || is_splat<L, S>())  // splat: its row would stand still
    return false;
  else if constexpr (LS::is_static && S::is_static) return std::is_same_v<LS, S>;
  else return l.shape().extents() == shape.extents();
}
template <class S, class P> TENON_ALWAYS_INLINE bool all_lie_as(const S& shape, P& p) {
  bool all = true;
  for_each_leaf(p, [&](auto& l) TENON_INLINE_LAMBDA { all = all && lies_as(shape, l); });
  return all;
}

template <int R> std::array<Index, max_rank> padded(const Strides<R>& s) {
  std::array<Index, max_rank> r{};
  for (int d = 0; d < R; ++d) r[static_cast<std::size_t>(d)] = s[static_cast<std::size_t>(d)];
  return r;
}
template <class T> std::byte* bytes(const T* p) { return reinterpret_cast<std::byte*>(const_cast<T*>(p)); }
template <class L, class S> rows::Stream operand_stream(const L& l, const S& shape) {
  return {bytes(l.data()),
          static_cast<Index>(sizeof(typename L::dtype)),
          is_splat<L, S>(),
          false,
          nullptr,
          -1,
          padded<S::rank>(broadcast_strides(shape, l.shape(), l.strides()))};
}
template <class T, int R> rows::Stream output_stream(T* p, const Strides<R>& strides) {
  return {bytes(p), static_cast<Index>(sizeof(T)), false, true, nullptr, -1, padded<R>(strides)};
}
/// Streams of what is saved, of `item` bytes an element.
inline void streams_of_saved(rows::Stream* to, int count, void* const* saved, const Index* item,
                             const std::array<Index, max_rank>& strides) {
  for (int s = 0; s < count; ++s)
    to[s] = {
        saved == nullptr ? nullptr : static_cast<std::byte*>(saved[s]), item[s], false, true, nullptr, -1, strides};
}

}  // namespace evaluation
}  // namespace tenon::inline TENON_ABI
