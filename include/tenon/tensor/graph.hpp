// The graph of an expression is its type: `leaf` where an operand enters, `node<Op, Children...>` above. Loops are
// generated from a canonical form of it, in which each leaf carries its number and each distinct value appears once.
#pragma once

#include "tenon/tensor/contract.hpp"

namespace tenon::inline TENON_ABI {

/// A place where an operand enters; its number is its place in reading order.
struct leaf {};
/// A value computed by an op from its children's values.
template <class Op, class... Children> struct node {};

namespace graph {

template <class... T> struct list { static constexpr int size = static_cast<int>(sizeof...(T)); };

/// A leaf of the canonical form: operand number I holds T; `Splat`: one element serves the whole inner loop;
/// `Active`: its adjoint may be asked for.
template <int I, class T, bool Splat, bool Active> struct arg {};

template <class N> struct Describe;
template <int I, class T, bool Splat, bool Active> struct Describe<arg<I, T, Splat, Active>> {
  using op = void;
  using dtype = compute_t<T>;
  using children = list<>;
  static constexpr int index = I;
  static constexpr bool is_leaf = true, splat = Splat, active = Active, costly = false;
};
template <class Op, class... C> struct Describe<node<Op, C...>> {
  using op = Op;
  using dtype = compute_t<result_dtype_t<Op, typename Describe<C>::dtype...>>;
  using children = list<C...>;
  static constexpr int index = -1;
  static constexpr bool is_leaf = false, splat = false, costly = is_costly<Op>();
  static constexpr bool active = !without_derivative<Op> && (Describe<C>::active || ...);
};

template <class G> struct CountLeaves;
template <> struct CountLeaves<leaf> { static constexpr int value = 1, nodes = 0; };
template <class Op, class... C> struct CountLeaves<node<Op, C...>> {
  static constexpr int value = (CountLeaves<C>::value + ...);
  static constexpr int nodes = 1 + (CountLeaves<C>::nodes + ...);
};
template <class G> inline constexpr int leaf_count = CountLeaves<G>::value;
template <class G> inline constexpr int node_count = CountLeaves<G>::nodes;

template <class A, class B> struct Concat;
template <class... A, class... B> struct Concat<list<A...>, list<B...>> { using type = list<A..., B...>; };

/// The I-th type of a list.
template <int I, class L> struct At;
template <int I, class T, class... U> struct At<I, list<T, U...>> : At<I - 1, list<U...>> {};
template <class T, class... U> struct At<0, list<T, U...>> { using type = T; };

// ---- canonical form ------------------------------------------------------------------------------------------------
// Args is the list of arg<...>, one for each leaf in reading order; tagged leaves repeat the first arg of their tag.
template <class G, int First, class Args> struct Canonical;
template <int First, class Args> struct Canonical<leaf, First, Args> { using type = typename At<First, Args>::type; };
template <int First, class Args, class Done, class... Rest> struct CanonicalChildren;
template <int First, class Args, class... Done> struct CanonicalChildren<First, Args, list<Done...>> {
  using type = list<Done...>;
};
template <int First, class Args, class... Done, class C, class... Rest>
struct CanonicalChildren<First, Args, list<Done...>, C, Rest...>
    : CanonicalChildren<First + leaf_count<C>, Args, list<Done..., typename Canonical<C, First, Args>::type>, Rest...> {
};
template <class Op, class L> struct MakeNode;
template <class Op, class... C> struct MakeNode<Op, list<C...>> { using type = node<Op, C...>; };
template <class Op, class... C, int First, class Args> struct Canonical<node<Op, C...>, First, Args> {
  using type = typename MakeNode<Op, typename CanonicalChildren<First, Args, list<>, C...>::type>::type;
};

// ---- the values of a canonical graph, children first, each type once ---------------------------------------------------
template <class T, class L> inline constexpr bool contains = false;
template <class T, class... U> inline constexpr bool contains<T, list<U...>> = (std::is_same_v<T, U> || ...);

// "Already there" is asked before descending, or repeated squaring would take exponential time.
template <class L, class N, bool There = contains<N, L>> struct Collect { using type = L; };
template <class L, class... C> struct CollectAll { using type = L; };
template <class L, class C, class... Rest>
struct CollectAll<L, C, Rest...> : CollectAll<typename Collect<L, C>::type, Rest...> {};
template <class... U, int I, class T, bool S, bool A> struct Collect<list<U...>, arg<I, T, S, A>, false> {
  using type = list<U..., arg<I, T, S, A>>;
};
template <class L, class Op, class... C> struct Collect<L, node<Op, C...>, false> {
  using type = typename Concat<typename CollectAll<L, C...>::type, list<node<Op, C...>>>::type;
};

/// One value of the graph, as numbers the loops' planning reads.
struct Value {
  int child[4] = {-1, -1, -1, -1};
  int children = 0;
  int leaf = -1;  ///< operand number, or -1
  bool active = false, costly = false;
  Reads reads[4] = {};  ///< what the derivative for child j reads
};

template <class L> struct Values;
template <class... N> struct Values<list<N...>> {
  static constexpr int size = static_cast<int>(sizeof...(N));

  template <class X> static consteval int index_of() {
    const bool same[] = {std::is_same_v<X, N>...};
    for (int i = 0; i < size; ++i)
      if (same[i]) return i;
    return -1;
  }
  template <class X, class... C> static consteval Value describe(list<C...>) {
    using D = Describe<X>;
    static_assert(sizeof...(C) <= 4, "tenon: an elementwise op takes at most 4 operands");
    Value v;
    ((v.child[v.children++] = index_of<C>()), ...);
    v.leaf = D::index;
    v.active = D::active;
    v.costly = D::costly;
    if constexpr (!D::is_leaf) [&]<std::size_t... J>(std::index_sequence<J...>) {
        ((v.reads[J] = reads_of<typename D::op, static_cast<int>(J)>()), ...);
      }
    (std::index_sequence_for<C...>{});
    return v;
  }
  /// Active here means that the root's adjoint reaches it too: not through floor(x), say.
  struct Table {
    Value value[static_cast<std::size_t>(size)];
    constexpr const Value& operator[](int i) const { return value[i]; }
    constexpr const Value* begin() const { return value; }
    constexpr const Value* end() const { return value + size; }
  };
  static constexpr Table at = [] {  // a lambda: clang 14 refuses a consteval function here
    Table t{{describe<N>(typename Describe<N>::children{})...}};
    for (int i = size - 1; i-- > 0;) {
      bool reached = false;
      for (int user = i + 1; user < size; ++user)
        for (int j = 0; j < t[user].children; ++j) reached = reached || (t[user].active && t[user].child[j] == i);
      t.value[i].active = t.value[i].active && reached;
    }
    return t;
  }();
};

/// Whether child j of value k gets the first contribution to its adjoint from there, in reverse order.
template <class V> constexpr bool is_first_user(int k, int j) {
  const int child = V::at[k].child[j];
  for (int u = V::size - 1; u >= k; --u)
    for (int i = 0; i < V::at[u].children; ++i) {
      if (V::at[u].child[i] != child || !V::at[u].active) continue;
      return u == k && i == j;
    }
  return false;
}

/// What a backward loop does for each value: taken from memory, computed again, or not needed.
template <class V> struct Plan {
  static constexpr int size = V::size, root = V::size - 1;
  struct Table {
    bool needed[size] = {};  ///< its value takes part in a derivative
    bool saved[size] = {};   ///< forward stores it for backward
    int slot[size] = {};     ///< number of the saved array
    int saved_count = 0;
    bool needs_output = false;  ///< the stored result is read
  };
  /// `root_stored`: the root's values are in memory (not folded away by a reduction). `root_needed`: the reduction's own
  /// derivative reads them.
  static consteval Table make(bool root_stored, bool root_needed = false) {
    Table t;
    t.needed[root] = root_needed;
    for (int i = 0; i < size; ++i) {
      const Value& v = V::at[i];
      if (!v.active) continue;
      for (int j = 0; j < v.children; ++j) {
        if (!V::at[v.child[j]].active) continue;
        if (overlap(v.reads[j], Reads::output)) t.needed[i] = true;
        for (int c = 0; c < v.children; ++c)
          if (overlap(v.reads[j], operand_bit(c))) t.needed[v.child[c]] = true;
      }
    }
    for (int i = size; i-- > 0;) {
      const Value& v = V::at[i];
      if (!t.needed[i] || v.leaf >= 0) continue;
      if (i == root && root_stored) t.needs_output = true;
      else if (v.costly) t.saved[i] = true;
      else
        for (int c = 0; c < v.children; ++c) t.needed[v.child[c]] = true;
    }
    for (int i = 0; i < size; ++i)
      if (t.saved[i]) t.slot[i] = t.saved_count++;
    return t;
  }
};

}  // namespace graph
}  // namespace tenon::inline TENON_ABI
