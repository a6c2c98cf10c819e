// The loops: generated from a canonical graph, once a graph, whatever the shapes. A loop runs over a row of n elements;
// p holds the addresses of the row's start, in the order stated at each function. tensor/rows.hpp walks the rows.
//
// Forward fills one register a value. Backward fills those that derivatives read (loaded, or computed again), then runs the
// list in reverse; each operand's adjoint is touched once. A remainder runs the same body on partly used lanes, so that an
// element's bits do not depend on where in the row it stands.
#pragma once

#include "tenon/shape/span.hpp"
#include "tenon/tensor/lanes.hpp"
#include "tenon/tensor/registers.hpp"
#include "tenon/tensor/rule.hpp"

namespace tenon::inline TENON_ABI::fused {

using graph::At;
using graph::Describe;
using graph::list;

/// rows::max_streams has room for the operands, their adjoints, what is saved, and the result.
inline constexpr int max_loop_operands = 64;

/// The loops of canonical graph G with `Leaves` operands. T: dtype of the result in memory.
template <class G, int Leaves, class T> struct Loop;

/// Acc: a dtype besides the graph's own that the lanes must hold, that of a reduction; bool asks for nothing.
template <class G, int Leaves, class T, class Acc = bool, class L = typename graph::Collect<list<>, G>::type>
struct LoopOver;
template <class G, int Leaves, class T, class Acc, class... N> struct LoopOver<G, Leaves, T, Acc, list<N...>> {
  using graph_type = G;
  using Values = graph::Values<list<N...>>;
  using Lanes = typename ChooseLanes<typename Describe<N>::dtype..., Acc>::type;
  using Root = typename Describe<G>::dtype;
  using Regs = Registers<std::index_sequence_for<N...>, typename Lanes::template reg<typename Describe<N>::dtype>...>;
  using Adjoints = Registers<
      std::index_sequence_for<N...>,
      std::conditional_t<Describe<N>::active, typename Lanes::template reg<typename Describe<N>::dtype>, Nothing>...>;
  static_assert(
      Leaves <= max_loop_operands,
      "tenon: too many operands for one loop; evaluate a part of the expression first: auto part = eval(...)");
  static constexpr int size = Values::size, root = size - 1, leaves = Leaves;
  using RootReg = typename Lanes::template reg<Root>;
  using result_type = T;
  template <int K> using Node = typename At<K, list<N...>>::type;
  template <class F> TENON_ALWAYS_INLINE static void ascending(F f) {
    [&]<std::size_t... K>(std::index_sequence<K...>) TENON_INLINE_LAMBDA {
      (f.template operator()<static_cast<int>(K)>(), ...);
    }
    (std::make_index_sequence<size>{});
  }
  template <class F> TENON_ALWAYS_INLINE static void descending(F f) {
    [&]<std::size_t... K>(std::index_sequence<K...>) TENON_INLINE_LAMBDA {
      (f.template operator()<root - static_cast<int>(K)>(), ...);
    }
    (std::make_index_sequence<size>{});
  }

  /// Whole lanes, then the remainder. Single: the type of the expression says that there is one element.
  template <bool Single = false, class F> TENON_ALWAYS_INLINE static void over(Index n, F body) {
    if constexpr (Single) return body(Part{0, 1});
    Index i = 0;
    for (; i + Lanes::width <= n; i += Lanes::width) body(Full{i});
    if constexpr (Lanes::width > 1)
      if (i < n) body(Part{i, n - i});
  }

  template <int K, class Cursor> TENON_ALWAYS_INLINE static auto load_leaf(void* const* p, Cursor c) {
    using D = Describe<Node<K>>;
    using S = typename StorageOf<Node<K>>::type;
    const auto* data = static_cast<const S*>(p[D::index]);
    if constexpr (D::splat) return Lanes::splat(data);
    else return Lanes::load(data, c);
  }
  /// The cache lines that a body will read `fetch_ahead` bytes from here.
  template <class Cursor> TENON_ALWAYS_INLINE static void fetch_operands(void* const* p, Cursor c) {
    ascending([&]<int K>() TENON_INLINE_LAMBDA {
      using D = Describe<Node<K>>;
      if constexpr (D::is_leaf && !D::splat && std::same_as<Cursor, Full>)
        simd::prefetch(static_cast<const std::byte*>(p[D::index]) + fetch_ahead +
                       c.i * static_cast<Index>(sizeof(typename StorageOf<Node<K>>::type)));
    });
  }
  template <class Op, int K, std::size_t... J>
  TENON_ALWAYS_INLINE static auto apply_children(Regs& r, std::index_sequence<J...>) {
    return rule::value<Op>(get<static_cast<std::size_t>(Values::at[K].child[J])>(r)...);
  }
  /// Register K from its operand in memory or its children's registers.
  template <int K, class Cursor> TENON_ALWAYS_INLINE static void compute(Regs& r, void* const* p, Cursor c) {
    using D = Describe<Node<K>>;
    using Reg = std::remove_reference_t<decltype(get<K>(r))>;
    if constexpr (D::is_leaf) get<K>(r) = load_leaf<K>(p, c);
    else
      get<K>(r) = static_cast<Reg>(apply_children<typename D::op, K>(
          r, std::make_index_sequence<static_cast<std::size_t>(Values::at[K].children)>{}));
  }
  template <class Cursor> TENON_ALWAYS_INLINE static RootReg compute_all(Regs& r, void* const* p, Cursor c) {
    ascending([&]<int K>() TENON_INLINE_LAMBDA { compute<K>(r, p, c); });
    return get<root>(r);
  }
  // ---- forward: p = operands, result, saved arrays ------------------------------------------------------------------
  static constexpr auto plan = graph::Plan<Values>::make(true);
  static constexpr bool any_costly = [] {
    for (const auto& v : Values::at)
      if (v.costly) return true;
    return false;
  }();
  /// Bytes an element of each saved array, for a plan.
  template <class Table> static constexpr auto items_of(const Table& t) {
    constexpr Index item[] = {static_cast<Index>(sizeof(typename Describe<N>::dtype))...};
    std::array<Index, static_cast<std::size_t>(size)> r{};
    for (int k = 0; k < size; ++k)
      if (t.saved[k]) r[static_cast<std::size_t>(t.slot[k])] = item[k];
    return r;
  }
  static constexpr auto saved_item = items_of(plan);
  template <bool Saving, bool Single = false>
  TENON_ALWAYS_INLINE static void forward_row(Index n, void* const* at, const void* streams) {
    Regs fixed;  // a result overlaps no operand but exactly, so what serves the whole row cannot change in it
    ascending([&]<int K>() TENON_INLINE_LAMBDA {
      if constexpr (Describe<Node<K>>::splat) get<K>(fixed) = load_leaf<K>(at, Full{0});
    });
    over<Single>(n, [&](auto c) TENON_INLINE_LAMBDA {
      Regs r;
      ascending([&]<int K>() TENON_INLINE_LAMBDA {
        if constexpr (Describe<Node<K>>::splat) get<K>(r) = get<K>(fixed);
        else compute<K>(r, at, c);
      });
      store_result<Single>(static_cast<T*>(at[Leaves]), r, at, c, streams);
      if constexpr (Saving) save<plan>(r, at + Leaves + 1, c);
    });
  }
  template <bool S> static constexpr int forward_addresses = Leaves + 1 + (S ? plan.saved_count : 0);
  template <bool Saving, bool Single = false> static void forward(Index n, void* const* p, const void* streams) {
    const Addresses<forward_addresses<Saving>> a(p);
    forward_row<Saving, Single>(n, a.at, streams);
  }
  template <bool Single, class Cursor>
  TENON_ALWAYS_INLINE static void store_result(T* to, Regs& r, void* const* p, Cursor c, const void* streams) {
    if constexpr (!Single && Lanes::template can_stream<T, Cursor>)
      if (streams != nullptr) [[unlikely]] {
        fetch_operands(p, c);
        return Lanes::store_streaming(to, get<root>(r), c);
      }
    Lanes::store(to, get<root>(r), c);
  }
  template <const auto& P, class Cursor> TENON_ALWAYS_INLINE static void save(Regs& r, void* const* to, Cursor c) {
    ascending([&]<int K>() TENON_INLINE_LAMBDA {
      if constexpr (P.saved[K])
        Lanes::store(static_cast<typename Describe<Node<K>>::dtype*>(to[P.slot[K]]), get<K>(r), c);
    });
  }
  // ---- backward: p = operands, y, dy, saved arrays, adjoints of the operands (null: not asked for) --------------------
  template <int K, int J, std::size_t... C>
  TENON_ALWAYS_INLINE static void pull_child(Regs& r, Adjoints& g, std::index_sequence<C...>) {
    constexpr int child = Values::at[K].child[J];
    if constexpr (Values::at[child].active) {
      using Reg = std::remove_reference_t<decltype(get<K>(r))>;
      auto d = lower<std::remove_reference_t<decltype(get<child>(g))>>(rule::pull<typename Describe<Node<K>>::op, J>(
          get<K>(g), get<K>(r), lift<Reg>(get<static_cast<std::size_t>(Values::at[K].child[C])>(r))...));
      if constexpr (graph::is_first_user<Values>(K, J)) get<child>(g) = d;
      else get<child>(g) = get<child>(g) + d;
    }
  }
  template <int K> TENON_ALWAYS_INLINE static void pull_children(Regs& r, Adjoints& g) {
    constexpr auto children = std::make_index_sequence<static_cast<std::size_t>(Values::at[K].children)>{};
    [&]<std::size_t... J>(std::index_sequence<J...>) TENON_INLINE_LAMBDA {
      (pull_child<K, static_cast<int>(J)>(r, g, children), ...);
    }
    (children);
  }
  /// Adjoint of operand K: into memory, or summed in `sums` when one element serves the whole row.
  template <int K, Delivery How, class Cursor>
  TENON_ALWAYS_INLINE static void deliver(Adjoints& g, Adjoints& sums, void* const* to, const Write* mode, Cursor c) {
    using D = Describe<Node<K>>;
    using S = compute_t<typename StorageOf<Node<K>>::type>;
    constexpr bool stores = (How.all_stored || How.stored == D::index) && !D::splat;
    auto* at = static_cast<S*>(to[D::index]);
    if constexpr (!stores)
      if (at == nullptr) {
        if constexpr (How.sums_nulls) get<K>(sums) = get<K>(sums) + get<K>(g);
        return;
      }
    auto d = get<K>(g);
    if constexpr (D::splat) {
      get<K>(sums) = get<K>(sums) + Lanes::keep_used(d, Lanes::spread(S(0)), c);
    } else {
      if constexpr (!stores)
        if (mode[D::index] == Write::add) d = Lanes::load(at, c) + d;
      Lanes::store(at, d, c);
    }
  }
  /// f.operator()<K>() for each operand of which one element serves a row, and whose adjoint is therefore a sum.
  template <class F> TENON_ALWAYS_INLINE static void for_each_sum(F f) {
    ascending([&]<int K>() TENON_INLINE_LAMBDA {
      if constexpr (Describe<Node<K>>::active && Describe<Node<K>>::splat) f.template operator()<K>();
    });
  }
  static constexpr bool any_sum = (false || ... || (Describe<N>::active && Describe<N>::splat));
  static constexpr Index sum_block = 64 * Lanes::width;  // 64 additions a lane
  TENON_ALWAYS_INLINE static void clear_sums(Adjoints& sums) {
    for_each_sum([&]<int K>()
                     TENON_INLINE_LAMBDA { get<K>(sums) = Lanes::spread(typename Describe<Node<K>>::dtype(0)); });
  }
  /// total += sums, which become 0; `lost` is what rounding has taken from total so far (Kahan, CACM 8, 1965).
  TENON_ALWAYS_INLINE static void add_sums(Adjoints& total, Adjoints& lost, Adjoints& sums) {
    for_each_sum([&]<int K>() TENON_INLINE_LAMBDA {
      const auto part = get<K>(sums) - get<K>(lost), next = get<K>(total) + part;
      get<K>(lost) = (next - get<K>(total)) - part;
      get<K>(total) = next;
    });
    clear_sums(sums);
  }
  TENON_ALWAYS_INLINE static void deliver_sums(Adjoints& sums, void* const* to, const Write* mode) {
    for_each_sum([&]<int K>() TENON_INLINE_LAMBDA {
      using D = Describe<Node<K>>;
      using S = typename D::dtype;
      auto* at = static_cast<S*>(to[D::index]);
      if (at == nullptr) return;
      const S sum = Lanes::total(get<K>(sums));
      *at = mode[D::index] == Write::add ? *at + sum : sum;
    });
  }
  /// over(), with body(cursor, sums), and the sums delivered: summed by blocks, so that long rows lose no digits.
  template <bool Single = false, class F>
  TENON_ALWAYS_INLINE static void over_summing(Index n, void* const* to, const Write* mode, F body) {
    Adjoints sums;
    clear_sums(sums);
    if (!any_sum || n <= sum_block) {
      over<Single>(n, [&](auto c) TENON_INLINE_LAMBDA { body(c, sums); });
      deliver_sums(sums, to, mode);
      return;
    }
    Adjoints total, lost;
    clear_sums(total);
    clear_sums(lost);
    for (Index i = 0; i < n;) {
      const Index end = n - i < sum_block ? n : i + sum_block;
      for (; i + Lanes::width <= end; i += Lanes::width) body(Full{i}, sums);
      if constexpr (Lanes::width > 1)
        if (i < end) body(Part{i, end - i}, sums);
      i = end;
      add_sums(total, lost, sums);
    }
    deliver_sums(total, to, mode);
  }
  template <Delivery How = Delivery{}, class Cursor>
  TENON_ALWAYS_INLINE static void reverse(Regs& r, Adjoints& g, Adjoints& sums, void* const* to, const Write* mode,
                                          Cursor c) {
    descending([&]<int K>() TENON_INLINE_LAMBDA {
      using D = Describe<Node<K>>;
      if constexpr (D::active && D::is_leaf) {
        if constexpr (!Values::at[K].active)
          get<K>(g) = Lanes::spread(typename D::dtype(0));  // asked for, but nothing flows there
        deliver<K, How>(g, sums, to, mode, c);
      } else if constexpr (Values::at[K].active) {
        pull_children<K>(r, g);
      }
    });
  }
  /// Registers that derivatives read: from memory where they lie there, else computed again.
  template <const auto& P, bool RootStored, class Cursor>
  TENON_ALWAYS_INLINE static void restore(Regs& r, void* const* p, void* const* saved, const void* y, Cursor c) {
    ascending([&]<int K>() TENON_INLINE_LAMBDA {
      using D = Describe<Node<K>>;
      if constexpr (!P.needed[K]) {
      } else if constexpr (P.saved[K]) {
        get<K>(r) = Lanes::load(static_cast<const typename D::dtype*>(saved[P.slot[K]]), c);
      } else if constexpr (K == root && RootStored && !D::is_leaf) {
        get<K>(r) = Lanes::load(static_cast<const T*>(y), c);
      } else {
        compute<K>(r, p, c);
      }
    });
  }
  static constexpr int adjoints = Leaves + 2 + plan.saved_count, backward_addresses = adjoints + Leaves;
  template <Delivery How = Delivery{}, class Cursor>
  TENON_ALWAYS_INLINE static void backward_at(void* const* at, Adjoints& sums, const Write* mode, Cursor c) {
    Regs r{};  // what no derivative reads stays 0, and is not computed
    Adjoints g;
    restore<plan, true>(r, at, at + Leaves + 2, at[Leaves], c);
    get<root>(g) = Lanes::load(static_cast<const Root*>(at[Leaves + 1]), c);
    reverse<How>(r, g, sums, at + adjoints, mode, c);
  }
  template <bool Single = false, Delivery How = Delivery{}>
  TENON_ALWAYS_INLINE static void backward_row(Index n, void* const* at, const Write* mode) {
    over_summing<Single>(n, at + adjoints, mode,
                         [&](auto c, Adjoints& sums) TENON_INLINE_LAMBDA { backward_at<How>(at, sums, mode, c); });
  }
  template <bool Single = false> static void backward(Index n, void* const* p, const void* modes) {
    const Modes<Leaves> mode(modes);
    const Addresses<backward_addresses> a(p);
    backward_row<Single>(n, a.at, mode.at);
  }
};

template <class G, int Leaves, class T> struct Loop : LoopOver<G, Leaves, T> {};

}  // namespace tenon::inline TENON_ABI::fused
