// The registers a generated loop computes in: SIMD lanes when all numbers in the graph are of one floating dtype, single
// elements otherwise (integers, casts; the compiler vectorises what it can).
#pragma once

#include "tenon/shape/span.hpp"
#include "tenon/simd/math.hpp"
#include "tenon/tensor/graph.hpp"

namespace tenon::inline TENON_ABI::fused {

/// Where in the inner loop a body stands: at element i, all lanes in use.
struct Full {
  Index i;
};
/// At element i, only n lanes in use (0 < n < width): the remainder.
struct Part {
  Index i, n;
};

/// A forward loop's modes when it stores the result past the caches: on cache lines, and the caller fences. Such a loop,
/// and a fold of what lies beyond the caches, asks for its operands `fetch_ahead` bytes before it reads them: processors
/// fetch ahead by themselves, but begin anew at each page.
inline constexpr Write streams_result{};
inline constexpr Index fetch_ahead = 4096;
/// A number beside a dual is a constant dual; its own adjoint is the dual adjoint's value.
template <class Reg, class X> TENON_ALWAYS_INLINE auto lift(X x) {
  if constexpr (is_dual_v<Reg> && std::is_convertible_v<X, Reg>) return Reg(x);
  else return x;
}
template <class Reg, class X> TENON_ALWAYS_INLINE auto lower(X x) {
  if constexpr (is_dual_v<X> && !is_dual_v<Reg>) return lower<Reg>(x.value);
  else return x;
}

/// W lanes of L (float or double), masks for bool, duals of lanes for duals.
template <class L> struct SimdLanes {
  static constexpr Index width = simd::Batch<L>::size;
  static constexpr bool simd = true;

  template <class C> struct Register { using type = simd::Batch<L>; };
  template <class D> struct Register<Dual<D>> { using type = Dual<typename Register<D>::type>; };
  template <class C>
  requires std::same_as<C, bool>
  struct Register<C> {
    using type = simd::Mask<L>;
  };
  template <class C> using reg = typename Register<C>::type;

  /// Lane order is element order. T is the storage dtype.
  template <class T, class Cursor> TENON_ALWAYS_INLINE static reg<compute_t<T>> load(const T* p, Cursor c) {
    using R = reg<compute_t<T>>;
    if constexpr (is_dual_v<T> || is_half_v<T>) {
      alignas(64) compute_t<T> lanes[width];
      for (Index k = 0; k < width; ++k) lanes[k] = static_cast<compute_t<T>>(p[c.i + (k < used(c) ? k : 0)]);
      return gather<R>(lanes);
    } else if constexpr (std::same_as<Cursor, Full>) {
      return R::load(p + c.i);
    } else {
      return R::load_partial(p + c.i, c.n);
    }
  }
  template <class T> TENON_ALWAYS_INLINE static reg<compute_t<T>> splat(const T* p) {
    return spread(static_cast<compute_t<T>>(*p));
  }
  template <class T, class Cursor> TENON_ALWAYS_INLINE static void store(T* p, reg<compute_t<T>> r, Cursor c) {
    if constexpr (is_dual_v<T> || is_half_v<T>) {
      alignas(64) compute_t<T> lanes[width];
      scatter(r, lanes);
      for (Index k = 0; k < used(c); ++k) p[c.i + k] = static_cast<T>(lanes[k]);
    } else if constexpr (std::same_as<Cursor, Full>) {
      r.store(p + c.i);
    } else {
      r.store_partial(p + c.i, c.n);
    }
  }
  /// Whether there is a store_streaming: whole lanes go past the caches, and p lies on a cache line.
  template <class T, class Cursor> static constexpr bool can_stream = std::same_as<Cursor, Full>&& std::same_as<T, L>;
  template <class T> TENON_ALWAYS_INLINE static void store_streaming(T* p, reg<T> r, Full c) {
    r.store_streaming(p + c.i);
  }
  /// The same number in each lane.
  template <class C> TENON_ALWAYS_INLINE static reg<C> spread(C x) {
    if constexpr (is_dual_v<C>) return {spread(x.value), spread(x.tangent)};
    else return reg<C>(x);
  }
  /// r in the used lanes, `neutral` behind them.
  template <class R, class Cursor> TENON_ALWAYS_INLINE static R keep_used(R r, R neutral, Cursor c) {
    if constexpr (std::same_as<Cursor, Full>) return r;
    else if constexpr (std::same_as<R, simd::Mask<L>>) {
      const auto m = simd::Batch<L>::first_lanes(c.n);
      return (r & m) | (neutral & !m);
    } else {
      return select(simd::Batch<L>::first_lanes(c.n), r, neutral);
    }
  }
  /// The sum of the lanes.
  template <class R> TENON_ALWAYS_INLINE static auto total(R r) {
    if constexpr (is_dual_v<R>) return Dual{total(r.value), total(r.tangent)};
    else return reduce_add(r);
  }
  template <class R, class C> TENON_ALWAYS_INLINE static void scatter(R r, C* lanes) {
    if constexpr (is_dual_v<C>) {
      typename C::value_type v[width], t[width];
      scatter(r.value, v);
      scatter(r.tangent, t);
      for (Index k = 0; k < width; ++k) lanes[k] = {v[k], t[k]};
    } else {
      r.store(lanes);
    }
  }

 private:
  static constexpr Index used(Full) { return width; }
  static constexpr Index used(Part c) { return c.n; }
  template <class R, class C> TENON_ALWAYS_INLINE static R gather(const C* lanes) {
    if constexpr (is_dual_v<C>) {
      typename C::value_type v[width], t[width];
      for (Index k = 0; k < width; ++k) {
        v[k] = lanes[k].value;
        t[k] = lanes[k].tangent;
      }
      using Inner = decltype(R{}.value);
      return {gather<Inner>(v), gather<Inner>(t)};
    } else {
      return R::load(lanes);
    }
  }
};

/// One element at a time.
struct ScalarLanes {
  static constexpr Index width = 1;
  static constexpr bool simd = false;
  template <class C> using reg = C;
  template <class T, class Cursor> TENON_ALWAYS_INLINE static compute_t<T> load(const T* p, Cursor c) {
    return static_cast<compute_t<T>>(p[c.i]);
  }
  template <class T> TENON_ALWAYS_INLINE static compute_t<T> splat(const T* p) { return static_cast<compute_t<T>>(*p); }
  template <class T, class Cursor> TENON_ALWAYS_INLINE static void store(T* p, compute_t<T> r, Cursor c) {
    p[c.i] = static_cast<T>(r);
  }
  template <class T, class Cursor> static constexpr bool can_stream = false;
  template <class C> TENON_ALWAYS_INLINE static C spread(C x) { return x; }
  template <class R, class Cursor> TENON_ALWAYS_INLINE static R keep_used(R r, R, Cursor) { return r; }
  template <class R> TENON_ALWAYS_INLINE static R total(R r) { return r; }
  template <class R, class C> TENON_ALWAYS_INLINE static void scatter(R r, C* lanes) { *lanes = r; }
};

/// The lanes for a graph whose values have dtypes C...: SIMD when all but the bools rest on one floating type.
template <class... C> struct ChooseLanes { using type = ScalarLanes; };
namespace detail {
template <class C>
inline constexpr int lane_kind = std::same_as<C, bool>               ? 0
                                 : std::same_as<primal_t<C>, float>  ? 1
                                 : std::same_as<primal_t<C>, double> ? 2
                                                                     : 4;
}
template <class... C>
requires((detail::lane_kind<C> | ...) == 1) struct ChooseLanes<C...> {
  using type = SimdLanes<float>;
};
template <class... C>
requires((detail::lane_kind<C> | ...) == 2) struct ChooseLanes<C...> {
  using type = SimdLanes<double>;
};

}  // namespace tenon::inline TENON_ABI::fused
