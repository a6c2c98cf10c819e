// one_hot(labels, classes)
#pragma once

#include "tenon/op/along.hpp"
#include "tenon/op/indices.hpp"

namespace tenon::inline TENON_ABI {

/// y[i...][c] = 1 where c is labels[i...], else 0: one_hot(labels, 10), one_hot<double>(labels, 10).
/// Shapes:     labels (i...) of an integer dtype -> (i..., classes)
/// Dtype:      float unless said
/// Derivative: none: the result is data
/// Throws:     ValueError, naming the label and its place, for one outside [0, classes)
template <class T> struct OneHot {
  static constexpr std::string_view name = "one_hot";
  static constexpr bool dense_operands = true;
  static constexpr auto derivative = Derivative::none;
  using dtype = T;
  Index classes;

  template <class I> auto shape(Loc at, const I& labels) const {
    return detail::WithExtent<I, I::rank, dyn, true>::of(labels, classes, at);
  }
  template <class Y, class I> void forward(std::byte*, Y y, I labels) const {
    kernel::fill(y.size(), y.data, T(0));
    for (Index i = 0, n = labels.size(); i < n; ++i) y.data[i * classes + static_cast<Index>(labels.data[i])] = T(1);
  }
};
template <class T = float, tensor_like I> auto one_hot(I&& labels, Index classes, Loc at = Loc::current()) {
  return structured(OneHot<T>{classes}, at, detail::checked_indices("one_hot", std::forward<I>(labels), classes, at));
}

}  // namespace tenon::inline TENON_ABI
