// Loops over lines of elements on SIMD lanes, with the remainder written once.
#pragma once

#include "tenon/shape/span.hpp"
#include "tenon/simd/parallel.hpp"
#include "tenon/simd/tail.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Whether lines of T without gaps run on SIMD lanes; duals do not.
template <class T> inline constexpr bool has_lanes = std::is_same_v<T, float> || std::is_same_v<T, double>;
/// What a loop over T computes with: lanes, or a dual at a time.
template <class T> struct LanesOf { using type = T; };
template <class T>
requires has_lanes<T>
struct LanesOf<T> {
  using type = simd::Batch<T>;
};
template <class T> using lanes_t = typename LanesOf<T>::type;

/// Lanes i ... of arrays: all of them, or the first few. The lanes behind those load as 0 and are not stored; only()
/// replaces what was computed there.
template <class T> struct WholeLanes {
  using B = simd::Batch<T>;
  Index i;
  TENON_ALWAYS_INLINE B load(const T* p) const { return B::load(p + i); }
  TENON_ALWAYS_INLINE void store(T* p, B x) const { x.store(p + i); }
  TENON_ALWAYS_INLINE B only(B x, B) const { return x; }
};
template <class T> struct TailLanes {
  using B = simd::Batch<T>;
  Index i, n;
  simd::Tail<T> tail = simd::Tail<T>::first(n);
  TENON_ALWAYS_INLINE B load(const T* p) const { return tail.load(p + i); }
  TENON_ALWAYS_INLINE void store(T* p, B x) const { tail.store(p + i, x); }
  TENON_ALWAYS_INLINE B only(B x, B other) const { return select(B::first_lanes(n), x, other); }
};
/// One element, with the face of lanes: for duals.
template <class T> struct OneElement {
  Index i;
  T load(const T* p) const { return p[i]; }
  void store(T* p, const T& x) const { p[i] = x; }
};

/// f(lanes) for lanes that cover [0, n), in order; of duals, one at a time.
template <class T, class F> TENON_ALWAYS_INLINE void for_line(Index n, F f) {
  Index i = 0;
  if constexpr (has_lanes<T>) {
    constexpr Index size = simd::Batch<T>::size;
    for (; i + size <= n; i += size) f(WholeLanes<T>{i});
    if (i < n) f(TailLanes<T>{i, n - i});
  } else {
    for (; i < n; ++i) f(OneElement<T>{i});
  }
}

/// sum_line of float or double.
template <class T, class F> TENON_ALWAYS_INLINE T sum_lanes(Index n, F f) {
  using B = simd::Batch<T>;
  constexpr Index size = B::size;
  B s[4] = {B(T(0)), B(T(0)), B(T(0)), B(T(0))};
  Index i = 0;
  for (; i + 4 * size <= n; i += 4 * size)
    for (Index k = 0; k < 4; ++k) s[k] += f(WholeLanes<T>{i + k * size});
  for (; i + size <= n; i += size) s[0] += f(WholeLanes<T>{i});
  if (i < n) {
    const TailLanes<T> at{i, n - i};
    s[1] += at.only(f(at), B(T(0)));
  }
  return reduce_add((s[0] + s[1]) + (s[2] + s[3]));
}

/// The sum of f(lanes) over [0, n): four sums run side by side, because an addition takes four cycles.
template <class T, class F> TENON_ALWAYS_INLINE T sum_line(Index n, F f) {
  if constexpr (!has_lanes<T>) {
    T sum(0);
    for (Index k = 0; k < n; ++k) sum = sum + f(OneElement<T>{k});
    return sum;
  } else {
    return sum_lanes<T>(n, f);
  }
}

/// How a result is written: in place of, or added to, what is there.
template <class T, class Lanes> TENON_ALWAYS_INLINE void put(const Lanes& at, T* p, lanes_t<T> x, Write mode) {
  at.store(p, mode == Write::add ? at.load(p) + x : x);
}
template <class T> TENON_ALWAYS_INLINE void put(T& to, const T& x, Write mode) { to = mode == Write::add ? to + x : x; }

/// Lines of n elements that a thread takes at once: long against the start of a thread when an element costs `cost`
/// nanoseconds.
inline Index line_grain(Index n, Index cost = 1) noexcept { return 1 + (Index{1} << 15) / (n * cost + 1); }

}  // namespace tenon::inline TENON_ABI::kernel
