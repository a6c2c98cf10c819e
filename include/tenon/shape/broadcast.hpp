// NumPy broadcasting, on types where the extents are known and on numbers where they are not.
#pragma once

#include <utility>

#include "tenon/shape/shape.hpp"

namespace tenon::inline TENON_ABI {
namespace detail {

inline constexpr Index clash = -2;

/// 1 gives way, dyn gives way to a number (checked at run time: 1 or that number), unequal numbers clash.
constexpr Index join_extents(Index a, Index b) {
  if (a == 1) return b;
  if (b == 1 || a == b) return a;
  if (a == dyn) return b;
  return b == dyn ? a : clash;
}

template <class A, class B> consteval auto join_patterns() {
  constexpr int n = A::rank > B::rank ? A::rank : B::rank;
  std::array<Index, static_cast<std::size_t>(n)> r{};
  for (int d = 0; d < n; ++d) {
    const int i = d + A::rank - n, j = d + B::rank - n;
    r[static_cast<std::size_t>(d)] = join_extents(i < 0 ? 1 : A::pattern[static_cast<std::size_t>(i)],
                                                  j < 0 ? 1 : B::pattern[static_cast<std::size_t>(j)]);
  }
  return r;
}

template <class A, class B> struct Broadcast {
  static constexpr auto joined = join_patterns<A, B>();
  static constexpr bool fits = [] {
    for (Index e : joined)
      if (e == clash) return false;
    return true;
  }();
  template <std::size_t... I>
  static auto make(std::index_sequence<I...>) -> Shape<(joined[I] == clash ? dyn : joined[I])...>;
  using type = decltype(make(std::make_index_sequence<joined.size()>{}));
};

template <class... S> struct BroadcastAll;
template <class S> struct BroadcastAll<S> { using type = S; };
template <class A, class B, class... Rest>
struct BroadcastAll<A, B, Rest...> : BroadcastAll<typename Broadcast<A, B>::type, Rest...> {};

TENON_COLD inline void broadcast_clash(std::string_view op, const Index* a, int na, const Index* b, int nb, Loc at) {
  throw ShapeError(at,
                   std::string("tenon::") + std::string(op) + ": shapes " + to_string(a, na) + " and " +
                       to_string(b, nb) + " do not broadcast",
                   "extents, aligned from the right, must be equal or 1");
}
}  // namespace detail

/// The shape of an elementwise result of operands shaped S...
template <class... S> using broadcast_t = typename detail::BroadcastAll<S...>::type;

/// Compile-time half of broadcasting: names both shapes when they cannot fit.
template <class A, class B> consteval void require_broadcast() {
  if constexpr (!detail::Broadcast<A, B>::fits) (void)sizeof(shapes_do_not_match<A, B>);
  static_assert(detail::Broadcast<A, B>::fits,
                "tenon: shapes do not broadcast; both stand in shapes_do_not_match<...> above");
}

/// The shape of an elementwise result. Throws ShapeError, naming `op`, when run-time extents differ and neither is 1,
/// and when the number of elements overflows.
template <class S> constexpr S broadcast(std::string_view, Loc, const S& s) { return s; }
template <class A, class B, class... Rest>
constexpr auto broadcast(std::string_view op, Loc at, const A& a, const B& b, const Rest&... rest) {
  require_broadcast<A, B>();
  using R = broadcast_t<A, B>;
  if constexpr (R::is_static && A::is_static && B::is_static) {
    return broadcast(op, at, R{}, rest...);
  } else {
    typename R::Extents r{};
    bool fits = true, is_a = true, is_b = true;
    for (int d = 0; d < R::rank; ++d) {
      const int i = d + A::rank - R::rank, j = d + B::rank - R::rank;
      const Index x = i < 0 ? 1 : a[i], y = j < 0 ? 1 : b[j], e = x == 1 ? y : x;
      fits = fits && (x == y || x == 1 || y == 1);
      is_a = is_a && e == x;
      is_b = is_b && e == y;
      r[static_cast<std::size_t>(d)] = e;
    }
    if (!fits) [[unlikely]] {
      const auto ea = a.extents();
      const auto eb = b.extents();
      detail::broadcast_clash(op, ea.data(), A::rank, eb.data(), B::rank, at);
    }
    if (!is_a && !is_b) (void)checked_size(r, 1, at);  // it has grown, perhaps beyond what an Index counts
    return broadcast(op, at, R(r, at), rest...);
  }
}

}  // namespace tenon::inline TENON_ABI
