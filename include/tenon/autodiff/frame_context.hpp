// FrameContext: how an expression over values and parameters is evaluated, and recorded when a Step is open.
#pragma once

#include "tenon/autodiff/record.hpp"

namespace tenon::inline TENON_ABI {

struct FrameContext {
  template <class T, class S>
  using Result = TrackedResult<T, S>;
  /// The innermost frame when an expression was built.
  struct FrameRef {
    memory::Stamp stamp{&memory::dead_cell, 0};
  };
  template <class P>
  static FrameRef frame_of(const P& p) {
    if constexpr (checks == 0) return {};
    autodiff::TapeFrame* f = autodiff::find_frame(p);
    return f == nullptr ? FrameRef{} : FrameRef{autodiff::innermost(f)->stamp()};
  }
  /// A named expression must be evaluated in the frame it was built in: a result in a deeper one would not live as long
  /// as the name.
  static void check_frame(FrameRef r, Loc at) {
    if constexpr (checks > 0) {
      if (r.stamp.generation == 0 || !r.stamp.alive()) return;  // no frame; or gone: the leaves say which
      autodiff::TapeFrame* f = autodiff::frame_of(*r.stamp.cell);
      if (autodiff::innermost(f) != f) [[unlikely]]
        throw OwnershipError(at, "tenon: this expression was built in an outer frame and is used first in a deeper one, where its result would not live as long as its name",
                             "evaluate it where it was built: auto h = eval(h)");
    }
  }
  /// Leaving the frame for a Tensor: refused for what is being recorded.
  template <class P>
  static void check_escape(const P& p, Loc at) {
    autodiff::TapeFrame* f = autodiff::find_frame(p);
    if (f == nullptr) return;
    if (autodiff::TapeFrame* top = autodiff::innermost(f); top->records() && autodiff::any_active(p, top)) [[unlikely]]
      throw OwnershipError(at, "tenon: a Tensor made from a recorded expression would cut its gradient", "write .detach(), or keep it with auto or Value");
  }

  template <class T, class S, class G, class P>
  static TrackedResult<T, S> evaluate(P& p, const S& shape, Loc at) {
    constexpr std::string_view op = evaluation::RootName<G>::value;
    evaluation::check_leaves<T, S, G>(p, at);
    autodiff::TapeFrame* found = autodiff::find_frame(p);
    const Index n = checked_size(shape.extents(), sizeof(T), at);
    if (found == nullptr) {  // parameters as plain data
      memory::Storage storage(n * static_cast<Index>(sizeof(T)), at);
      evaluation::forward(std::type_identity<G>{}, p, shape, evaluation::Target<T, S>{static_cast<T*>(storage.bytes()), row_major(shape), true});
      return {std::move(storage), shape, undifferentiated(p)};
    }
    autodiff::TapeFrame& frame = *autodiff::innermost(found);
    autodiff::check_frames(p, &frame, op, at);
    T* y = nullptr;
    autodiff::Slot* slot = nullptr;
    if constexpr (autodiff::IsActive<G, P, S>::value)
      if (frame.records() && autodiff::any_active(p, &frame)) slot = autodiff::record(std::type_identity<G>{}, frame, p, shape, y);
    if (slot == nullptr) {
      y = frame.allocate_array<T>(n);
      evaluation::forward(std::type_identity<G>{}, p, shape, evaluation::Target<T, S>{y, row_major(shape), true});
    }
    autodiff::note_nan(frame, y, n, op, at);
    return {y, shape, frame.stamp(), slot};
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
      if (frame.records() && (autodiff::any_active(x, &frame) || ...)) slot = autodiff::record_structured(op, frame, shape, y, x...);
    if (slot == nullptr) {
      const memory::Scratch saved(structured_detail::saved_bytes(op, span_of(x)...));
      op.forward(saved.bytes(), dense_span(y, shape), span_of(x)...);
    }
    autodiff::note_nan(frame, y, n, Op::name, at);
    return {y, shape, frame.stamp(), slot};
  }

 private:
  template <class P>
  static bool undifferentiated(const P& p) {
    bool reads = false;
    for_each_leaf_of(p, [&](auto& l) {
      if constexpr (requires { l.undifferentiated(); })
        reads = reads || l.undifferentiated();
      else if constexpr (requires { l.slot(); })
        reads = true;
    });
    return reads;
  }
};

}  // namespace tenon::inline TENON_ABI
