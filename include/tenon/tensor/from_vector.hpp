// from_vector(v, {n, m}): a tensor of its own from a container's elements.
#pragma once

#include "tenon/shape/extents.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

/// std::vector, std::array, std::span, std::initializer_list: begin(), end() and a size(), elements in row-major order.
template <class V>
concept sized_elements = requires(const V& v) {
  v.begin();
  v.end();
  { v.size() } -> std::convertible_to<std::size_t>;
}
&&!tensor_like<V>;

namespace detail {
template <class S, class V> auto copied(const V& v, const S& shape, Loc at) {
  using T = std::remove_cvref_t<decltype(*v.begin())>;
  using Item = std::conditional_t<std::is_convertible_v<T, bool> && !element<T>, bool,
                                  T>;  // std::vector<bool> hands out proxies
  return [&]<Index... E>(const Shape<E...>& s) {
    Uninit<Item, E...> u(s, at);
    Item* to = u.data();
    for (auto i = v.begin(); i != v.end(); ++i) *to++ = *i;
    return std::move(u).assume_init();
  }
  (shape);
}
template <Index... E, class V, std::size_t R> auto copied_as(const V& v, const std::array<Index, R>& extent, Loc at) {
  const auto size = static_cast<Index>(v.size());
  if constexpr (R == 0 && sizeof...(E) == 0) return copied(v, Shape<dyn>(size), at);
  else if constexpr (R == 0)
    return copied(v, Shape<E...>(inferred_extents(Shape<E...>::pattern, size, "from_vector", at), at), at);
  else return copied(v, named_shape<E...>(inferred_extents(extent, size, "from_vector", at), at), at);
}
}  // namespace detail

/// A copy of v's elements, row-major, as a tensor of v's element type: from_vector(v), from_vector(v, {n, 3}),
/// from_vector(v, n, 3), from_vector<2, 3>(v), from_vector<dyn, 3>(v). One extent may be -1 (dyn in the type):
/// inferred.
/// Throws:  ShapeError when v has another number of elements
template <Index... E, sized_elements V, std::integral... I> auto from_vector(const V& v, I... extent) {
  return detail::copied_as<E...>(v, std::array<Index, sizeof...(I)>{static_cast<Index>(extent)...}, Loc{});
}
template <Index... E, sized_elements V, std::size_t R>
auto from_vector(const V& v, const Extent (&extent)[R], Loc at = Loc::current()) {
  return detail::copied_as<E...>(v, detail::extents_of(extent), at);
}

}  // namespace tenon::inline TENON_ABI
