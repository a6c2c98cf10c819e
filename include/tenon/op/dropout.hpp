// dropout(x, rate)
#pragma once

#include "tenon/autodiff/step.hpp"
#include "tenon/kernel/dropout.hpp"

namespace tenon::inline TENON_ABI {

/// y[k] = x[k] / (1 - rate) with probability 1 - rate, else x[k] 0, elementwise; only where a model learns. The rate is
/// rounded to a multiple of 2^-16, in both places, so that the mean of y is that of x.
/// Shapes:     y has the shape of x
/// Derivative: dx[k] = dy[k] / (1 - rate) where y was kept, else 0
/// Random:     element k (row-major) depends on k, the step's generator and the number of ops in the step that drew
///             before this one only; not on threads, nor on when it is evaluated
/// Saves:      one bit an element
/// Off:        where nothing is recorded (a Scope, plain tensors) and for rate 0 (or below 2^-17) it is x itself: no
///             draw, no loop
/// Throws:     ValueError unless 0 <= rate < 1; OwnershipError in a Step that was opened without a generator; other
///             dtypes than float and double do not compile
/// Source:     Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout, JMLR 15, 2014 (the scaled form)
struct Dropout {
  static constexpr std::string_view name = "dropout";
  PhiloxKey key;
  std::uint32_t threshold;  // rate 2^16, below 2^16

  template <class S> S shape(Loc, const S& x) const { return x; }
  template <class X> Index saved_bytes(X x) const {
    return kernel::mask_words(x.size()) * static_cast<Index>(sizeof(std::uint32_t));
  }
  template <class Y, class X> void forward(std::byte* saved, Y y, X x) const {
    auto* mask = reinterpret_cast<std::uint32_t*>(saved);
    kernel::draw_mask(y.size(), key, threshold, mask);
    run(mask, x.data, y.size(), y.data, Write::store);
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte* saved, Y y, DY dy, X, DX dx) const {
    if (dx) run(reinterpret_cast<const std::uint32_t*>(saved), dy.data, y.size(), dx.data, dx.mode);
  }

 private:
  template <class T> void run(const std::uint32_t* mask, const T* x, Index n, T* y, Write mode) const {
    const auto scale = static_cast<primal_t<T>>(0x1p16 / (0x1p16 - threshold));
    kernel::apply_mask(n, mask, scale, x, y, mode);
  }
};

namespace detail {

/// 0 for rates that round to it.
inline std::uint32_t dropout_threshold(double rate) {
  const auto t = static_cast<std::uint32_t>(rate * 0x1p16 + 0.5);
  return t < 0xffffu ? t : 0xffffu;
}

/// A leaf of a frame's context as the result of an expression; a parameter's storage keeps the version that x has seen.
template <class T, class S, int Tag> TrackedResult<T, S> as_result(const Tracked<T, S, Tag>& x) {
  return TrackedResult<T, S>(x);
}
template <class T, class S> TrackedResult<T, S> as_result(const TrackedResult<T, S>& x) { return x; }

template <class L> auto dropout_of(const L& x, std::uint32_t threshold, Loc at) {
  using T = typename L::dtype;
  using S = typename L::shape_type;
  if constexpr (requires { typename L::base_type; } && !std::is_same_v<typename L::context, PlainContext>) {
    // A leaf in another order or shape: copied, because the mask counts along memory.
    return dropout_of(build::settle(build::leaf_piece<T>(x, x.shape()), at).operands, threshold, at);
  } else if constexpr (std::is_same_v<typename L::context, PlainContext>) {
    return Expr<T, S, leaf, L>(L(x), x.shape());
  } else {
    auto result = [&]() -> TrackedResult<T, S> {
      autodiff::TapeFrame* found = x.frame();
      if (found == nullptr || threshold == 0 || !autodiff::innermost(found)->records()) return as_result(x);
      const Dropout op{autodiff::innermost(found)->next_rng(at).key(), threshold};
      return FrameContext::structured<T, S>(op, x.shape(), at, x);
    }();
    return Expr<T, S, leaf, TrackedResult<T, S>>(std::move(result), x.shape());
  }
}

}  // namespace detail

template <tensor_like X> auto dropout(X&& x, double rate, Loc at = Loc::current()) {
  using T = dtype_of_t<X>;
  static_assert(std::is_floating_point_v<primal_t<T>>, "tenon::dropout: elements are float or double");
  if (!(rate >= 0 && rate < 1)) [[unlikely]]
    throw ValueError(at, "tenon::dropout: rate is " + std::to_string(rate) + ", outside [0, 1)",
                     "give the share of elements that are dropped, for example 0.1");
  const auto x_leaf = build::factor<T>(std::forward<X>(x), at);
  x_leaf.check(Dropout::name, at);
  return detail::dropout_of(x_leaf, detail::dropout_threshold(rate), at);
}

}  // namespace tenon::inline TENON_ABI
