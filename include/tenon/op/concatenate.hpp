// concatenate(axis<0>, a, b, ...), stack(axis<0>, a, b, ...)
#pragma once

#include <tuple>

#include "tenon/op/along.hpp"

namespace tenon::inline TENON_ABI {

/// y = the operands one behind the other along an axis: concatenate(axis<1>, a, b, c).
/// Shapes:     equal but along the axis, where y's extent is the sum of theirs
/// Derivative: each operand gets its part of dy
/// Cost:       copies each operand once
/// Throws:     ShapeError when other extents differ; ranks or dtypes that differ do not compile
template <int D, bool Stack> struct Concatenate {
  static constexpr std::string_view name = Stack ? "stack" : "concatenate";
  static constexpr bool dense_operands = true;

  template <class S, class... Rest> auto shape(Loc at, const S& first, const Rest&... rest) const {
    (detail::check_same_but < Stack ? -1 : D > (name, first, rest, at), ...);
    constexpr Index count = 1 + sizeof...(Rest);
    if constexpr (Stack) {
      return detail::WithExtent<S, D, count, true>::of(first, count, at);
    } else {
      constexpr auto axis = static_cast<std::size_t>(D);
      constexpr bool known = ((S::pattern[axis] != dyn) && ... && (Rest::pattern[axis] != dyn));
      constexpr Index extent = known ? (S::pattern[axis] + ... + Rest::pattern[axis]) : dyn;
      return detail::with_extent<D, extent>(first, (first[D] + ... + rest[D]), at);
    }
  }
  template <class Y, class... X> void forward(std::byte*, Y y, X... x) const {
    const detail::Lines l = detail::lines_along(D, y.extent);
    const Index block = l.block();
    constexpr Index near =
        16384 / static_cast<Index>(sizeof(*y.data));  // what several operands write while it is in L1
    const Index some = block > 0 && block < near ? near / block : 1;
    if (block == 0) return;
    simd::parallel_for(l.outer, kernel::line_grain(block), [=](Index first, Index last) {
      for (Index i = first; i < last; i += some) {
        const Index count = last - i < some ? last - i : some;
        auto* to = y.data + i * block;
        auto place = [&](const auto& part) {
          const Index n = block_of(part);
          if (n > 0) kernel::copy_blocks(count, n, part.data + i * n, n, to, block);
          to += n;
        };
        (place(x), ...);
      }
    });
  }
  /// operands: all x, then all dx.
  template <class Y, class DY, class... X> void backward(const std::byte*, Y, DY dy, X... operands) const {
    constexpr std::size_t count = sizeof...(X) / 2;
    const auto given = std::forward_as_tuple(operands...);
    const detail::Lines l = detail::lines_along(D, dy.extent);
    Index from = 0;
    auto take = [&](const auto& x, const auto& dx) {
      const Index n = block_of(x);
      if (dx) kernel::write_blocks(l.outer, n, dy.data + from, l.block(), dx.data, n, dx.mode);
      from += n;
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) { (take(std::get<I>(given), std::get<count + I>(given)), ...); }
    (std::make_index_sequence<count>{});
  }

 private:
  /// Elements of x in one block of y.
  template <class X> static Index block_of(const X& x) {
    Index n = 1;
    for (std::size_t d = static_cast<std::size_t>(D); d < x.extent.size(); ++d) n *= x.extent[d];
    return n;
  }
};

template <int D, tensor_like X, tensor_like... Rest> auto concatenate(Axis<D>, X&& x, Rest&&... rest) {
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<Rest>...>;
  static_assert(!std::is_void_v<T>, "tenon::concatenate: the operands differ in dtype; write cast<float>(x) on some");
  using Op = Concatenate<detail::axis_number<shape_of_t<X>::rank, D>(), false>;
  return structured(Op{}, Loc{}, lift_operand<T>(std::forward<X>(x)), lift_operand<T>(std::forward<Rest>(rest))...);
}
/// y = the operands, all of one shape, along a new axis: y(k, ...) is operand k for stack(axis<0>, a, b).
/// Derivative, cost, throws: as concatenate
template <int D, tensor_like X, tensor_like... Rest> auto stack(Axis<D>, X&& x, Rest&&... rest) {
  using T = common_dtype_t<dtype_of_t<X>, dtype_of_t<Rest>...>;
  static_assert(!std::is_void_v<T>, "tenon::stack: the operands differ in dtype; write cast<float>(x) on some");
  using Op = Concatenate<detail::axis_number<shape_of_t<X>::rank + 1, D>(), true>;
  return structured(Op{}, Loc{}, lift_operand<T>(std::forward<X>(x)), lift_operand<T>(std::forward<Rest>(rest))...);
}

}  // namespace tenon::inline TENON_ABI
