// remat(f)(x...): a part of a model that keeps its arguments only, and is computed again in backward.
#pragma once

#include <tuple>

#include "tenon/autodiff/step.hpp"
#include "tenon/kernel/copy.hpp"

namespace tenon::inline TENON_ABI {
namespace autodiff {

/// A part of a Step, recorded to be thrown away, or to be walked back over at once.
class Replay : public TapeFrame {
 public:
  Replay(TapeFrame& of, std::uint64_t draws) : TapeFrame(of, draws) {}
  using TapeFrame::report_to_replayed;
};

/// R: the Value that F gives for values X...
template <class F, class R, class... X> struct RematNode : NodeHeader {
  F f;
  std::tuple<X...> x;
  Slot y_slot;
  const typename R::dtype* y;
  Index elements;
  std::uint64_t draws;  ///< where f's random numbers begin
};

/// Moves the adjoint of a node's result to `to`, where its last operation looks for it.
template <class T> void hand_over(Slot& from, Slot& to, Index n, Backward& b) {
  if (to.gradient == nullptr && !from.lent) {
    to.gradient = from.gradient;
    to.written = true;
    from.gradient = nullptr;
    return;
  }
  Write mode;  // of a seed, or of a value so small that its adjoint has its place
  T* d = b.acquire<T>(&to, n, mode);
  kernel::write_blocks(1, n, static_cast<const T*>(from.gradient), n, d, n, mode);
  b.release(&from, n * static_cast<Index>(sizeof(T)));
}
template <class F, class R, class... X> void backward_remat(NodeHeader* header, Backward& b) {
  auto& node = *static_cast<RematNode<F, R, X...>*>(header);
  if (!node.y_slot.written) return;
  Replay part(b.frame(), node.draws);
  const R y = std::apply(node.f, node.x);
  if constexpr (checks > 0) {
    const auto bytes = static_cast<std::size_t>(node.elements) * sizeof(typename R::dtype);
    if (y.size() != node.elements || (bytes > 0 && std::memcmp(y.data(), node.y, bytes) != 0))
      throw OwnershipError(Loc{}, "tenon::remat: computed again in backward, the function gave another result",
                           "do not write what it reads before backward, and let it do the same each time");
  }
  if (y.slot() == nullptr) return;
  hand_over<typename R::dtype>(node.y_slot, *y.slot(), node.elements, b);
  b.replay(part.last_node());
}

template <class T, Index... E> Value<T, E...> as_value(const Value<T, E...>& x) { return x; }
template <class T, class S, class G, class P> auto as_value(const Expr<T, S, G, P>& x) { return Value(x); }

/// y = f(x...) in `frame`, which records: of the work only the result stays.
template <class F, class R, class... X> R record_remat(const F& f, TapeFrame& frame, const std::tuple<X...>& x) {
  using T = typename R::dtype;
  using Node = RematNode<F, R, X...>;
  const std::uint64_t draws = frame.draws();
  const auto [y, learns] = [&] {
    Replay part(frame, draws);
    const R inside = std::apply(f, x);
    T* to = frame.allocate_array<T>(inside.size());
    if (inside.size() > 0)
      std::memcpy(static_cast<void*>(to), inside.data(), static_cast<std::size_t>(inside.size()) * sizeof(T));
    part.report_to_replayed();
    return std::pair(R(to, inside.shape(), frame.stamp(), nullptr), inside.slot() != nullptr);
  }();
  if (!learns) return y;
  auto* n = frame.record<Node>();
  n->backward = &backward_remat<F, R, X...>;
  new (&n->f) F(f);
  new (&n->x) std::tuple<X...>(x);
  n->y_slot = Slot{};
  n->y = y.data();
  n->elements = y.size();
  n->draws = draws;
  return R(y.data(), y.shape(), frame.stamp(), &n->y_slot);
}

template <class F> struct Remat {
  F f;
  template <class... X> auto operator()(const X&... x) const {
    static_assert(sizeof...(X) > 0, "tenon::remat: give f an argument that belongs to the step");
    return of_values(as_value(x)...);
  }

 private:
  template <class First, class... X> auto of_values(const First& first, const X&... x) const {
    using R = decltype(Value(as_value(f(first, x...))));
    static_assert(std::is_trivially_destructible_v<F> && std::is_trivially_copyable_v<F>,
                  "tenon::remat: the tape keeps f, so it may capture only references, numbers and values of the frame");
    first.view();  // refuses a value of a frame that has ended
    TapeFrame& frame = *innermost(frame_of(*first.stamp().cell));
    if (!frame.records() || frame.replayed() != nullptr) return R(f(first, x...));
    return record_remat<F, R>(f, frame, std::tuple<First, X...>(first, x...));
  }
};

}  // namespace autodiff

/// remat(f)(x...) is f(x...), but a Step keeps neither what f computes on the way nor its tape, only x and the result:
/// backward computes f again. So of several blocks in a row only one at a time has its intermediate values in memory.
///   for (const Block& block : blocks) x = remat([&block](const auto& x) { return block(x); })(x);
/// f:          takes values of the frame and returns one; called twice with the same arguments, it must do the same. What
///             it captures by reference has to outlive the Step; it may read parameters and values from around it, but
///             named expressions only after eval()
/// Result:     value and gradients have the bits that f(x...) has; random numbers (dropout) are drawn once
/// Cost:       the forward pass of f once more, in backward
/// Throws:     OwnershipError in backward when f then gives another result, because what it reads has changed
/// Nested:     inside f, another remat is a plain call
/// Elsewhere:  where nothing is recorded (a Scope), it is f(x...)
/// Source:     Chen, Xu, Zhang, Guestrin, Training deep nets with sublinear memory cost, arXiv:1604.06174, 2016
template <class F> autodiff::Remat<F> remat(F f) { return {std::move(f)}; }

}  // namespace tenon::inline TENON_ABI
