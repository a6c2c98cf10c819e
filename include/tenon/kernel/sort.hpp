// The order of a line of numbers.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "tenon/base/dtype.hpp"
#include "tenon/base/dual.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Unsigned integers in the order of T: NaN the largest number and all NaN equal, -0 equal to +0. Duals by their values.
template <class T> struct SortKey {
  static constexpr std::size_t bytes = sizeof(T) <= 4 ? 4 : 8;
  using type = std::conditional_t<bytes == 4, std::uint32_t, std::uint64_t>;
  static constexpr type top = type(1) << (8 * bytes - 1);
  static type of(const T& x) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      if (x != x) return ~type(0);
      const type word = std::bit_cast<type>(x + T(0));  // +0 of both zeros
      return word & top ? ~word : word | top;
    } else if constexpr (std::is_signed_v<T>) {
      return static_cast<type>(static_cast<std::make_signed_t<type>>(x)) ^ top;
    } else {
      return static_cast<type>(x);
    }
  }
};
template <class T>
requires is_half_v<T>
struct SortKey<T> : SortKey<float> {
  static std::uint32_t of(const T& x) noexcept { return SortKey<float>::of(static_cast<float>(x)); }
};
template <class T> struct SortKey<Dual<T>> : SortKey<T> {
  static auto of(const Dual<T>& x) noexcept { return SortKey<T>::of(x.value); }
};

/// A number's key and where it stands.
template <class Key> struct SortEntry { Key key, place; };
/// Bytes that argsort and first_places want beside the result, for lines of n elements of T.
template <class T> constexpr Index sort_scratch_bytes(Index n) noexcept {
  return 2 * n * static_cast<Index>(sizeof(SortEntry<typename SortKey<T>::type>));
}

namespace detail {
/// Sorts by one byte of the key, equal ones in their order; false, and nothing done, when it is the same everywhere.
template <class Key> bool sort_by_byte(Index n, const SortEntry<Key>* from, SortEntry<Key>* to, int shift) noexcept {
  Index start[256] = {};
  for (Index i = 0; i < n; ++i) ++start[(from[i].key >> shift) & 255];
  if (start[(from[0].key >> shift) & 255] == n) return false;
  Index sum = 0;
  for (Index& s : start) {
    const Index count = s;
    s = sum;
    sum += count;
  }
  for (Index i = 0; i < n; ++i) to[start[(from[i].key >> shift) & 255]++] = from[i];
  return true;
}
template <class Key> void sort_by_insertion(Index n, SortEntry<Key>* e) noexcept {
  for (Index i = 1; i < n; ++i) {
    const SortEntry<Key> one = e[i];
    Index at = i;
    for (; at > 0 && one.key < e[at - 1].key; --at) e[at] = e[at - 1];
    e[at] = one;
  }
}
}  // namespace detail

/// Fills `order` with 0 ... n - 1, `step` apart, so that x[order[i] * stride] is sorted; equal numbers keep their order.
/// Pre:  n < 2^32 for T of 4 bytes and less; `scratch` holds sort_scratch_bytes<T>(n), aligned to 8
/// Cost: a pass over the line for each byte of T; n^2 / 4 comparisons up to 32 elements
template <class T>
void argsort(Index n, const T* x, Index stride, bool descending, std::int64_t* order, Index step,
             void* scratch) noexcept {
  using Key = typename SortKey<T>::type;
  constexpr Index few = 32;
  auto* e = static_cast<SortEntry<Key>*>(scratch);
  SortEntry<Key>* spare = e + n;
  const Key flip = descending ? ~Key(0) : Key(0);
  for (Index i = 0; i < n; ++i) e[i] = {static_cast<Key>(SortKey<T>::of(x[i * stride]) ^ flip), static_cast<Key>(i)};
  if (n <= few) {
    detail::sort_by_insertion(n, e);
  } else {
    for (int shift = 0; shift < static_cast<int>(8 * sizeof(Key)); shift += 8)
      if (detail::sort_by_byte(n, e, spare, shift)) {
        auto* sorted = spare;
        spare = e;
        e = sorted;
      }
  }
  for (Index i = 0; i < n; ++i) order[i * step] = static_cast<std::int64_t>(e[i].place);
}

/// Up to here first_places keeps the best by insertion.
inline constexpr Index few_places = 64;

/// The first k of argsort.
/// Pre:  as argsort, and 0 <= k <= n
/// Cost: for k up to few_places one pass over the line, and k moves for each element that is among the best so far
template <class T>
void first_places(Index n, Index k, const T* x, Index stride, bool descending, std::int64_t* order, Index step,
                  void* scratch) noexcept {
  using Key = typename SortKey<T>::type;
  if (k == 0) return;
  if (k > few_places) {
    auto* all = static_cast<std::int64_t*>(scratch) + sort_scratch_bytes<T>(n) / 8;
    argsort(n, x, stride, descending, all, 1, scratch);
    for (Index i = 0; i < k; ++i) order[i * step] = all[i];
    return;
  }
  SortEntry<Key> best[few_places];
  const Key flip = descending ? ~Key(0) : Key(0);
  const auto put = [&](Index used, Key key, Index place) {
    for (; used > 0 && key < best[used - 1].key; --used) best[used] = best[used - 1];
    best[used] = {key, static_cast<Key>(place)};
  };
  Index i = 0;
  for (; i < k; ++i) put(i, static_cast<Key>(SortKey<T>::of(x[i * stride]) ^ flip), i);
  for (; i < n; ++i) {
    const auto key = static_cast<Key>(SortKey<T>::of(x[i * stride]) ^ flip);
    if (key < best[k - 1].key) [[unlikely]]
      put(k - 1, key, i);
  }
  for (Index j = 0; j < k; ++j) order[j * step] = static_cast<std::int64_t>(best[j].place);
}

}  // namespace tenon::inline TENON_ABI::kernel
