// to_string(x), stream << x: tensors as NumPy prints them.
#pragma once

#include <iosfwd>

#include "tenon/tensor/print_text.hpp"
#include "tenon/tensor/product.hpp"

namespace tenon::inline TENON_ABI {
namespace print {

/// The elements shown, as texts of one width.
template <class T> std::vector<std::string> texts_of(const T* data, const std::vector<Index>& offsets) {
  using C = compute_t<T>;
  if constexpr (std::is_floating_point_v<C>) {
    std::vector<double> x;
    std::vector<Digits> digits;
    C largest = 0, smallest = 0;
    for (Index o : offsets) {
      const C v = static_cast<C>(data[o]), size = std::abs(v);
      x.push_back(static_cast<double>(v));
      digits.push_back(std::isfinite(v) ? shortest(data[o]) : Digits{});
      if (!std::isfinite(v) || v == 0) continue;
      largest = size > largest ? size : largest;
      smallest = smallest == 0 || size < smallest ? size : smallest;
    }
    return aligned(x, digits,
                   smallest > 0 && needs_exponents(static_cast<double>(largest), static_cast<double>(smallest),
                                                   static_cast<double>(largest / smallest)));
  } else {
    std::vector<std::string> texts;
    for (Index o : offsets) {
      if constexpr (std::is_same_v<T, bool>) texts.push_back(data[o] ? " True" : "False");
      else texts.push_back(std::to_string(data[o]));
    }
    return aligned(std::move(texts));
  }
}
template <class T> std::string number_alone(T x) {
  using C = compute_t<T>;
  if constexpr (std::is_same_v<T, bool>) return x ? "True" : "False";
  else if constexpr (std::is_floating_point_v<C>)
    return alone(std::isfinite(static_cast<C>(x)) ? shortest(x) : Digits{}, static_cast<double>(static_cast<C>(x)));
  else return std::to_string(x);
}

}  // namespace print

/// What may be printed: anything with elements that are numbers.
template <class X>
concept printable = tensor_like<X> && !is_dual_v<dtype_of_t<X>>;

/// The elements in brackets, columns aligned, exactly as NumPy prints an array of the same dtype: print_text.hpp says
/// how. A value by itself looks as in Python ("0.1", "True"), an empty tensor is "[]".
template <printable X> std::string to_string(X&& x, Loc at = Loc::current()) {
  const auto l = build::factor<dtype_of_t<X>>(std::forward<X>(x), at);
  l.check("to_string", at);
  const auto extent = l.shape().extents();
  if constexpr (shape_of_t<X>::rank == 0) {
    return print::number_alone(*l.data());
  } else {
    if (l.shape().size() == 0) return "[]";
    const auto stride = l.strides();
    const print::Shown s = print::shown(shape_of_t<X>::rank, extent.data());
    std::vector<Index> offsets;
    print::shown_offsets(s, stride.data(), 0, 0, offsets);
    const auto texts = print::texts_of(l.data(), offsets);
    return print::Layout(s, texts).write();
  }
}

template <class Traits, printable X>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& stream, X&& x) {
  return stream << to_string(std::forward<X>(x));
}
template <class Traits, Index... E>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& stream, const Shape<E...>& shape) {
  return stream << to_string(shape);
}

}  // namespace tenon::inline TENON_ABI
