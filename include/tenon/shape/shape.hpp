// Shapes: the rank is static, each extent is a number known to the compiler or `dyn`, known at run time.
#pragma once

#include <array>
#include <concepts>
#include <string>

#include "tenon/base/error.hpp"

namespace tenon::inline TENON_ABI {

/// An extent known only at run time.
inline constexpr Index dyn = -1;

/// The largest rank; loops keep their indices in arrays of this size.
inline constexpr int max_rank = 8;

/// Whether elements of `item_bytes` bytes in a shape of these extents, as far as the type knows them, can be addressed.
template <Index... E> constexpr bool fits_address_space(Index item_bytes) {
  Index bytes = item_bytes;
  return ((E <= 0 || !__builtin_mul_overflow(bytes, E, &bytes)) && ...) && bytes <= PTRDIFF_MAX - 128;
}

/// The extents of a tensor, outermost first. A shape without `dyn` is empty: it costs nothing at run time.
template <Index... E> class Shape {
 public:
  static_assert(sizeof...(E) <= max_rank, "tenon::Shape: the rank is at most 8");
  static_assert(((E >= 0 || E == dyn) && ...), "tenon::Shape: an extent is >= 0 or tenon::dyn");
  static_assert(fits_address_space<E...>(1), "tenon::Shape: the number of elements overflows an Index");
  static constexpr int rank = static_cast<int>(sizeof...(E));
  static constexpr bool is_static = ((E != dyn) && ...);
  using Extents = std::array<Index, sizeof...(E)>;
  /// The extents as the type has them: numbers and dyn.
  static constexpr Extents pattern{E...};

  /// Static extents as in the type; run-time ones 0.
  constexpr Shape() = default;
  /// One extent for each dimension. Throws ShapeError when a run-time number differs from the static one or is negative.
  template <std::integral... I>
  requires(sizeof...(I) == sizeof...(E) && sizeof...(E) > 0) constexpr Shape(I... extent)
      : Shape(Extents{static_cast<Index>(extent)...}) {}
  constexpr explicit Shape(const Extents& extents, Loc at = {}) {
    for (std::size_t d = 0; d < extents.size(); ++d)
      if (extents[d] < 0 || (pattern[d] != dyn && pattern[d] != extents[d])) fail(extents, static_cast<int>(d), at);
    if constexpr (!is_static) stored_.n = extents;
  }

  constexpr Index operator[](int d) const {
    if constexpr (is_static) return pattern[static_cast<std::size_t>(d)];
    else return stored_.n[static_cast<std::size_t>(d)];
  }
  constexpr Extents extents() const {
    if constexpr (is_static) return pattern;
    else return stored_.n;
  }
  /// Number of elements. Tensors check the product for overflow when they are made, so it does not overflow here.
  constexpr Index size() const {
    Index n = 1;
    for (int d = 0; d < rank; ++d) n *= (*this)[d];
    return n;
  }

 private:
  struct Empty {};
  struct Stored {
    Extents n = initial();
    static constexpr Extents initial() {
      Extents e = pattern;
      for (auto& x : e) x = x == dyn ? 0 : x;
      return e;
    }
  };
  TENON_COLD static void fail(const Extents& given, int d, Loc at) {
    const auto k = static_cast<std::size_t>(d);
    throw ShapeError(
        at,
        "tenon::Shape: extent " + std::to_string(d) + " is " + std::to_string(given[k]) +
            (pattern[k] == dyn ? "; an extent is not negative" : " but the type says " + std::to_string(pattern[k])),
        "give the extents that the type names, and 0 or more where it says dyn");
  }
  [[no_unique_address]] std::conditional_t<is_static, Empty, Stored> stored_{};
};

/// The same extents, known to the compiler or not.
template <Index... A, Index... B>
requires(sizeof...(A) == sizeof...(B)) constexpr bool operator==(const Shape<A...>& a, const Shape<B...>& b) {
  return a.extents() == b.extents();
}

template <class> inline constexpr bool is_shape_v = false;
template <Index... E> inline constexpr bool is_shape_v<Shape<E...>> = true;

/// "(2, 3)", "(3,)", "()": as NumPy prints shapes.
inline std::string to_string(const Index* extent, int rank) {
  std::string s = "(";
  for (int d = 0; d < rank; ++d)
    s += (d ? ", " : "") + (extent[d] == dyn ? std::string("dyn") : std::to_string(extent[d]));
  return s + (rank == 1 ? ",)" : ")");
}
template <Index... E> std::string to_string(const Shape<E...>& s) {
  const auto e = s.extents();
  return to_string(e.data(), s.rank);
}

namespace detail {
[[noreturn]] TENON_COLD inline void refuse_size(const Index* extent, int rank, Index item_bytes, Loc at) {
  throw ShapeError(at,
                   "tenon: a tensor of shape " + to_string(extent, rank) + " with " + std::to_string(item_bytes) +
                       " bytes an element overflows the address space",
                   "check the extents; a product of them may have overflowed before");
}
}  // namespace detail
/// Number of elements, after checking that neither it nor its bytes overflow Index. Throws ShapeError.
template <class Extents>
TENON_ALWAYS_INLINE constexpr Index checked_size(const Extents& extent, Index item_bytes, Loc at = {}) {
  Index bytes = item_bytes;
  std::size_t elements = 1;  // wraps only where bytes overflow
  bool overflow = false;
  for (Index e : extent) {  // a zero makes the product 0 whatever the others are; they must still be sane by themselves
    overflow = overflow || (e != 0 && __builtin_mul_overflow(bytes, e, &bytes));
    elements *= static_cast<std::size_t>(e);
  }
  if (overflow || bytes > PTRDIFF_MAX - 128) [[unlikely]]
    detail::refuse_size(extent.data(), static_cast<int>(extent.size()), item_bytes, at);
  return static_cast<Index>(elements);
}

/// Two extents that can be equal: the same number, or one of them run-time.
constexpr bool may_equal(Index a, Index b) { return a == b || a == dyn || b == dyn; }

/// Never defined: its name, in the first line of the compiler's message, carries both shapes.
template <class A, class B> struct shapes_do_not_match;

namespace detail {
template <class A, class B> consteval bool may_be_same() {
  if constexpr (A::rank != B::rank) return false;
  else {
    for (std::size_t d = 0; d < A::pattern.size(); ++d)
      if (!may_equal(A::pattern[d], B::pattern[d])) return false;
    return true;
  }
}
}  // namespace detail

/// Shapes of one rank whose static extents agree.
template <class A, class B>
concept may_be_same_shape = detail::may_be_same<A, B>();

/// Compile-time half of "these shapes must be equal": names both when they cannot be.
template <class A, class B> consteval void require_same_shape() {
  if constexpr (!may_be_same_shape<A, B>) (void)sizeof(shapes_do_not_match<A, B>);
  static_assert(may_be_same_shape<A, B>, "tenon: the shapes differ; both stand in shapes_do_not_match<...> above");
}

/// `from` as a To; throws ShapeError, naming `what`, when a run-time extent differs from To's static one.
template <class To, class From> constexpr To shape_cast(const From& from, std::string_view what, Loc at = {}) {
  require_same_shape<To, From>();
  if constexpr (std::is_same_v<To, From>) return from;
  else {
    for (int d = 0; d < To::rank; ++d) {
      const Index want = To::pattern[static_cast<std::size_t>(d)];
      if (want != dyn && want != from[d])
        throw ShapeError(at,
                         std::string(what) + ": the shape is " + to_string(from) + " but the type asks for " +
                             to_string(To::pattern.data(), To::rank),
                         "write dyn where the extent varies, or give the shape that the type names");
    }
    return To(from.extents());
  }
}

}  // namespace tenon::inline TENON_ABI
