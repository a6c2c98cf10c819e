// FrameContext: how an expression over values and parameters is evaluated, and recorded when a Step is open.
#pragma once

#include "tenon/autodiff/record.hpp"

namespace tenon::inline TENON_ABI {

struct FrameContext {
  template <class T, class S> using Result = TrackedResult<T, S>;
  /// The frame that the thread had opened last when an expression of a frame was built; of no frame: any.
  struct FrameRef {
    std::uint64_t last = ~std::uint64_t{0};
  };
  template <class P> static FrameRef frame_of(const P& p) {
    if (checks == 0 || autodiff::find_frame(p) == nullptr) return {};
    return {memory::Frame::last_number()};
  }
  /// A named expression must be evaluated in the frame it was built in: a result in a deeper one would not live as long
  /// as the name.
  template <class P> static void check_frame(FrameRef r, const P& p, Loc at) {
    if (checks == 0 || memory::Frame::last_number() <= r.last) return;  // no frame was opened since
    for_each_leaf_of(p, [&](auto& l) { l.check("expression", at); });   // a frame that is gone must not be asked
    if (autodiff::TapeFrame* f = autodiff::find_frame(p); f != nullptr && autodiff::innermost(f)->number() > r.last)
        [[unlikely]]
      throw OwnershipError(at,
                           "tenon: this expression was built in an outer frame and is used first in a deeper one" +
                               memory::detail::place(" (opened at ", autodiff::innermost(f)->born()) +
                               ", where its result would not live as long as its name",
                           "evaluate it where it was built: auto h = eval(h)");
  }
  template <class P> static bool is_recorded(const P& p) {
    autodiff::TapeFrame* f = autodiff::find_frame(p);
    if (f == nullptr) return false;
    autodiff::TapeFrame* top = autodiff::innermost(f);
    return top->records() && autodiff::any_active(p, top);
  }
  /// Leaving the frame for a Tensor: refused for what is being recorded.
  template <class P> static void check_escape(const P& p, Loc at) {
    if (is_recorded(p)) [[unlikely]]
      throw OwnershipError(at, "tenon: a Tensor made from a recorded expression would cut its gradient",
                           "write .detach(), or keep it with auto or Value");
  }

  /// Likewise for a number.
  template <class P> static void check_number(const P& p, Loc at) {
    if (is_recorded(p)) [[unlikely]]
      autodiff::refuse_number(at);
  }

  template <class T, class S, class G, class P>
  TENON_ALWAYS_INLINE static TrackedResult<T, S> evaluate(P& p, const S& shape, Loc at) {
    const Placed<T> r = place<T, S, G>(p, shape, at);
    if (r.frame == nullptr) return without_frame<T, S, G>(p, shape, at);
    return {r.data, shape, r.frame->stamp(), r.slot};
  }

  template <class T, class S, class Op, class... L>
  static TrackedResult<T, S> structured(const Op& op, const S& shape, Loc at, const L&... x) {
    autodiff::TapeFrame* found = nullptr;
    ((found = found == nullptr ? autodiff::find_frame(x) : found), ...);
    const Index n = checked_size(shape.extents(), sizeof(T), at);
    if (found == nullptr) {
      auto held = PlainContext::structured<T, S>(op, shape, at, x...);
      return {held.storage(), shape, (undifferentiated(x) || ...)};
    }
    autodiff::TapeFrame& frame = *autodiff::innermost(found);
    (autodiff::check_frames(x, &frame, Op::name, at), ...);
    T* y = frame.allocate_array<T>(n);
    autodiff::Slot* slot = nullptr;
    if constexpr (!without_derivative<Op>)
      if (frame.records() && (autodiff::any_active(x, &frame) || ...))
        slot = autodiff::record_structured(op, frame, shape, y, x...);
    if (slot == nullptr) {
      const memory::Scratch saved(structured_detail::saved_bytes(op, span_of(x)...));
      op.forward(saved.bytes(), dense_span(y, shape), span_of(x)...);
    }
    autodiff::note_nan(frame, y, n, Op::name, at);
    return {y, shape, frame.stamp(), slot};
  }

 private:
  template <class T> struct Placed {
    T* data;
    autodiff::Slot* slot;
    autodiff::TapeFrame* frame;
  };
  /// Evaluates in the innermost frame of the leaves' arena; does nothing when no frame is open.
  template <class T, class S, class G, class P> [[gnu::noinline]] static Placed<T> place(P& p, const S& shape, Loc at) {
    constexpr std::string_view op = evaluation::RootName<G>::value;
    const autodiff::Survey found = autodiff::survey(p, op, at);
    if (found.frame == nullptr) return {};
    autodiff::TapeFrame& frame = *found.frame;
    const Index n = checked_size(shape.extents(), sizeof(T), at);
    T* y = nullptr;
    autodiff::Slot* slot = nullptr;
    if constexpr (autodiff::IsActive<G, P, S>::value && !autodiff::has_adjoint<T>) {
      if (found.active && frame.records()) [[unlikely]]
        autodiff::refuse_short(op, at);
    } else if constexpr (autodiff::IsActive<G, P, S>::value)
      if (found.active && frame.records()) slot = autodiff::record(std::type_identity<G>{}, frame, p, shape, y);
    if (slot == nullptr) {
      y = frame.allocate_array<T>(n);
      evaluation::forward_in_place(std::type_identity<G>{}, p, shape,
                                   evaluation::Target<T, S>{y, row_major(shape), true});
    }
    autodiff::note_nan(frame, y, n, op, at);
    return {y, slot, &frame};
  }
  /// Parameters as plain data: a result of its own, that remembers whether a gradient was lost.
  template <class T, class S, class G, class P>
  [[gnu::noinline]] static TrackedResult<T, S> without_frame(P& p, const S& shape, Loc at) {
    auto held = PlainContext::evaluate<T, S, G>(p, shape, at);
    return {held.storage(), shape, undifferentiated(p)};
  }
  template <class P> static bool undifferentiated(const P& p) {
    bool reads = false;
    for_each_leaf_of(p, [&](auto& l) {
      if constexpr (requires { l.undifferentiated(); }) reads = reads || l.undifferentiated();
      else if constexpr (requires { l.slot(); }) reads = true;
    });
    return reads;
  }
};

}  // namespace tenon::inline TENON_ABI
