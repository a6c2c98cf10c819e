// Reductions that fold in the loop that makes their elements: sum(square(x - y)) stores no intermediate.
//
// A fold is a struct with
//   name                        as users write it
//   states                      how many registers it accumulates in
//   dtype<C>                    the dtype it accumulates in and returns, for elements of compute dtype C
//   neutral<C>()                an element that changes nothing
//   start(R* s)                 s of an empty fold
//   add(R* s, R x)              one element more
//   merge(R* s, const R* o)     two folds become one
//   finish(const C* s, Index n) the result of n elements
// and, when it has a derivative,
//   derivative_reads            what it looks at
//   pull(dy, x, y, share)       what dy contributes to an element x of the fold whose result is y
//   share<C>(n)                 a factor for pull, for a fold of n elements: 1 for a sum, 1/n for a mean; or
//   counts_ties                 (true) share is 1 / the number of elements equal to y, as for a maximum
#pragma once

#include <limits>

#include "tenon/tensor/fused.hpp"

namespace tenon::inline TENON_ABI::fused {

/// Elements folded into one state before states are merged pairwise: an error bound of a cascade, and blocks that do not
/// depend on the number of threads.
inline constexpr Index fold_block = 4096;

/// Whether F's derivative looks at the elements (Reads::inputs), at the result (Reads::output).
template <class F> consteval bool pull_reads(Reads what) {
  if constexpr (requires { F::derivative_reads; }) return overlap(F::derivative_reads, what);
  else return false;
}

/// The number type under lanes and duals: float for Dual<Batch<float>>.
template <class R> struct NumberOf { using type = R; };
template <class R>
requires requires { typename R::value_type; }
struct NumberOf<R> : NumberOf<typename R::value_type> {};
/// What no number is below, none above: where a maximum and a minimum start. R: a number, lanes, or duals of either.
template <class R> constexpr R lowest() {
  using T = typename NumberOf<R>::type;
  using Limits = std::numeric_limits<T>;
  return R(Limits::has_infinity ? static_cast<T>(-Limits::infinity()) : Limits::lowest());
}
template <class R> constexpr R highest() {
  using T = typename NumberOf<R>::type;
  using Limits = std::numeric_limits<T>;
  return R(Limits::has_infinity ? Limits::infinity() : Limits::max());
}

/// The loops of fold F over canonical graph G.
template <class G, int Leaves, class F>
struct FoldLoop
    : LoopOver<G, Leaves, typename Describe<G>::dtype, typename F::template dtype<typename Describe<G>::dtype>> {
  using Base =
      LoopOver<G, Leaves, typename Describe<G>::dtype, typename F::template dtype<typename Describe<G>::dtype>>;
  using typename Base::Adjoints;
  using typename Base::Lanes;
  using typename Base::Regs;
  using typename Base::Root;
  using typename Base::RootReg;
  using Acc = typename F::template dtype<Root>;
  /// Lanes of the accumulator: those of the elements, or its own dtype element by element.
  using AccReg = std::conditional_t<Lanes::simd, RootReg, Acc>;
  static constexpr int states = F::states;

  static constexpr auto plan = graph::Plan<typename Base::Values>::make(false, pull_reads<F>(Reads::inputs));
  static constexpr auto saved_item = Base::items_of(plan);

  template <class Cursor> TENON_ALWAYS_INLINE static AccReg element(Regs& r, void* const* p, Cursor c) {
    const RootReg x = Base::compute_all(r, p, c);
    return Lanes::keep_used(static_cast<AccReg>(x), Lanes::spread(F::template neutral<Acc>()), c);
  }

  /// p = operands, state (Acc[states], merged into), saved arrays. Far: the operands are fetched ahead.
  template <bool Saving, bool Far = false> static void horizontal(Index n, void* const* p, const void*) {
    const Addresses<Leaves + 1 + (Saving ? plan.saved_count : 0)> a(p);
    constexpr int chains = Base::any_costly || !Lanes::simd ? 1 : 4;
    in_chains<chains>(n, static_cast<Acc*>(a.at[Leaves]), [&](AccReg* to, auto c) TENON_INLINE_LAMBDA {
      Regs r;
      if constexpr (Far) Base::fetch_operands(a.at, c);
      F::add(to, element(r, a.at, c));
      if constexpr (Saving) Base::template save<plan>(r, a.at + Leaves + 1, c);
    });
  }
  /// p = operands, states (Acc arrays, one a state), saved arrays. Element i of the row is added to state element i.
  template <bool Saving> static void vertical(Index n, void* const* p, const void*) {
    const Addresses<Leaves + states + (Saving ? plan.saved_count : 0)> a(p);
    Base::over(n, [&](auto c) TENON_INLINE_LAMBDA {
      Regs r;
      AccReg s[states];
      for (int k = 0; k < states; ++k) s[k] = load_state(static_cast<const Acc*>(a.at[Leaves + k]), c);
      F::add(s, static_cast<AccReg>(Base::compute_all(r, a.at, c)));
      for (int k = 0; k < states; ++k) store_state(static_cast<Acc*>(a.at[Leaves + k]), s[k], c);
      if constexpr (Saving) Base::template save<plan>(r, a.at + Leaves + states, c);
    });
  }

  /// p = operands, y, dy, share, saved arrays, adjoints. The three in the middle have one element a row (SeedSplat) or
  /// one an element.
  template <bool SeedSplat> static void backward(Index n, void* const* p, const void* modes) {
    const Modes<Leaves> mode(modes);
    const Addresses<2 * Leaves + 3 + plan.saved_count> a(p);
    auto seed = [&](int k, auto c) TENON_INLINE_LAMBDA {
      const auto* at = static_cast<const Root*>(a.at[Leaves + k]);
      if constexpr (SeedSplat) return Lanes::splat(at);
      else return Lanes::load(at, c);
    };
    Base::over_summing(n, a.at + Leaves + 3 + plan.saved_count, mode.at,
                       [&](auto c, Adjoints& sums) TENON_INLINE_LAMBDA {
                         Regs r{};
                         Adjoints g;
                         Base::template restore<plan, false>(r, a.at, a.at + Leaves + 3, nullptr, c);
                         RootReg y{}, x{};
                         if constexpr (pull_reads<F>(Reads::output)) y = seed(0, c);
                         if constexpr (pull_reads<F>(Reads::inputs)) x = get<Base::root>(r);
                         get<Base::root>(g) = F::pull(seed(1, c), x, y, seed(2, c));
                         Base::reverse(r, g, sums, a.at + Leaves + 3 + plan.saved_count, mode.at, c);
                       });
  }

  /// p = operands, y, count: adds to count the elements that pull gives a share to, those that equal y; one count a row
  /// (SeedSplat) or one an element.
  template <bool SeedSplat> static void count_ties(Index n, void* const* p, const void*) {
    const Addresses<Leaves + 2> a(p);
    auto* count = static_cast<Root*>(a.at[Leaves + 1]);
    const auto* y = static_cast<const Root*>(a.at[Leaves]);
    RootReg row = Lanes::spread(Root(0));
    const RootReg zero = Lanes::spread(Root(0)), one = Lanes::spread(Root(1));
    auto tied = [&](RootReg x, RootReg at) TENON_INLINE_LAMBDA { return F::pull(one, x, at, one); };
    Base::over(n, [&](auto c) TENON_INLINE_LAMBDA {
      Regs r;
      const RootReg x = Base::compute_all(r, a.at, c);
      if constexpr (SeedSplat) row = row + Lanes::keep_used(tied(x, Lanes::splat(y)), zero, c);
      else Lanes::store(count, Lanes::load(count, c) + tied(x, Lanes::load(y, c)), c);
    });
    if constexpr (SeedSplat) {
      Root lanes[Lanes::width];
      Lanes::scatter(row, lanes);
      for (Index k = 0; k < Lanes::width; ++k) *count = *count + lanes[k];
    }
  }

  /// Value and gradient in one pass, for a fold whose pull reads nothing (sum, mean).
  /// p = operands, state, share, adjoints. Adjoints of one element an element are stored, never added to.
  static void value_and_gradient(Index n, void* const* p, const void* modes) {
    const Modes<Leaves> mode(modes);
    const Addresses<2 * Leaves + 2> a(p);
    const RootReg seed =
        F::pull(Lanes::spread(Root(1)), RootReg{}, RootReg{}, Lanes::splat(static_cast<const Root*>(a.at[Leaves + 1])));
    auto step = [&](AccReg* to, auto c, Adjoints& sums) TENON_INLINE_LAMBDA {
      Regs r;
      Adjoints g;
      F::add(to, element(r, a.at, c));
      get<Base::root>(g) = seed;
      Base::template reverse<Delivery{.all_stored = true}>(r, g, sums, a.at + Leaves + 2, mode.at, c);
    };
    if constexpr (Base::any_sum || Base::any_costly || !Lanes::simd) {
      AccReg s[states];
      F::start(s);
      Base::over_summing(n, a.at + Leaves + 2, mode.at,
                         [&](auto c, Adjoints& sums) TENON_INLINE_LAMBDA { step(s, c, sums); });
      merge_lanes(s, static_cast<Acc*>(a.at[Leaves]));
    } else {
      Adjoints none;
      in_chains<4>(n, static_cast<Acc*>(a.at[Leaves]),
                   [&](AccReg* to, auto c) TENON_INLINE_LAMBDA { step(to, c, none); });
    }
  }

 private:
  /// Folds n elements into `into`: step(state, cursor) adds one register of them. Independent chains of additions hide the
  /// latency of one.
  template <int Chains, class Step> TENON_ALWAYS_INLINE static void in_chains(Index n, Acc* into, Step step) {
    constexpr Index width = Lanes::width;
    AccReg s[Chains][states];
    const auto each_chain = [](auto f) TENON_INLINE_LAMBDA {  // constant indices: the states stay in registers
      [&]<std::size_t... K>(std::index_sequence<K...>) TENON_INLINE_LAMBDA { (f.template operator()<K>(), ...); }
      (std::make_index_sequence<Chains>{});
    };
    each_chain([&]<std::size_t K>() TENON_INLINE_LAMBDA { F::start(s[K]); });
    Index i = 0;
    if constexpr (Chains > 1)
      for (; i + Chains * width <= n; i += Chains * width)
        each_chain([&]<std::size_t K>() TENON_INLINE_LAMBDA { step(s[K], Full{i + static_cast<Index>(K) * width}); });
    for (; i + width <= n; i += width) step(s[0], Full{i});
    if constexpr (width > 1)
      if (i < n) step(s[0], Part{i, n - i});
    each_chain([&]<std::size_t K>() TENON_INLINE_LAMBDA {
      if constexpr (K > 0) F::merge(s[0], s[K]);
    });
    merge_lanes(s[0], into);
  }
  TENON_ALWAYS_INLINE static void merge_lanes(const AccReg* s, Acc* into) {
    if constexpr (Lanes::simd) {
      Acc lanes[states][Lanes::width];
      for (int k = 0; k < states; ++k) Lanes::scatter(s[k], lanes[k]);
      merge_halves<static_cast<std::size_t>(Lanes::width / 2)>(lanes);
      Acc total[states];
      for (int k = 0; k < states; ++k) total[k] = lanes[k][0];
      F::merge(into, total);
    } else {
      F::merge(into, s);
    }
  }
  // Unrolled: at -O2 the compiler would leave loops here, which take longer than the row that they sum up.
  template <std::size_t Half> TENON_ALWAYS_INLINE static void merge_halves(Acc (&lanes)[states][Lanes::width]) {
    if constexpr (Half > 0) {
      auto merge = [&](std::size_t i) TENON_INLINE_LAMBDA {
        Acc low[states], high[states];
        for (int k = 0; k < states; ++k) (low[k] = lanes[k][i], high[k] = lanes[k][i + Half]);
        F::merge(low, high);
        for (int k = 0; k < states; ++k) lanes[k][i] = low[k];
      };
      [&]<std::size_t... I>(std::index_sequence<I...>) TENON_INLINE_LAMBDA { (merge(I), ...); }
      (std::make_index_sequence<Half>{});
      merge_halves<Half / 2>(lanes);
    }
  }
  template <class Cursor> TENON_ALWAYS_INLINE static AccReg load_state(const Acc* p, Cursor c) {
    if constexpr (Lanes::simd) return Lanes::load(p, c);
    else return p[c.i];
  }
  template <class Cursor> TENON_ALWAYS_INLINE static void store_state(Acc* p, AccReg r, Cursor c) {
    if constexpr (Lanes::simd) Lanes::store(p, r, c);
    else p[c.i] = r;
  }
};

}  // namespace tenon::inline TENON_ABI::fused
