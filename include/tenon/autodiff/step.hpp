// Step and Scope: frames in which a model runs, recorded or not.
#pragma once

#include "tenon/autodiff/input_frame.hpp"
#include "tenon/autodiff/parameters.hpp"

namespace tenon::inline TENON_ABI {
namespace autodiff {
template <class T> inline constexpr bool always_false = false;
}  // namespace autodiff

/// A frame that records nothing: inference in the arena. Dropout is off, batch statistics are used, not gathered.
class [[nodiscard("tenon: a Scope that is not named ends at once")]] Scope : public autodiff::InputFrame {
 public:
  [[nodiscard("tenon: a Scope that is not named ends at once")]] explicit Scope(Arena & arena TENON_LIFETIMEBOUND,
                                                                                Loc at = Loc::current())
      : InputFrame(arena, false, at) {}
  ~Scope() = default;
};

/// The gradients of a step's variables after backward. Dies with the step.
class Gradients {
 public:
  /// The gradient of `x`, a value made by step.variable: of its shape; zeros when the loss does not depend on it.
  template <class T, Index... E> View<T, E...> of(const Value<T, E...>& x, Loc at = Loc::current()) const {
    memory::check(stamp_, "Gradients::of", at);
    memory::check(x.stamp(), "Gradients::of", at);  // a value of a step that has ended may bear the same cell
    autodiff::Slot* s = x.slot();
    if (s == nullptr || x.stamp().cell != stamp_.cell ||
        (s->written && s->gradient == nullptr))  // the last: passed on already
      throw OwnershipError(at, "tenon::Gradients::of: this value is no variable of the step",
                           "make it by step.variable(x)");
    if (!s->written) {
      if (!frame_->has_room())
        throw OwnershipError(at,
                             "tenon::Gradients::of: two frames are open inside the step, so it can take no memory for "
                             "a gradient of zeros",
                             "ask before they are opened");
      autodiff::Backward b(*frame_);
      Write mode;
      b.acquire_cleared<T>(s, x.size(), mode);
    }
    return {static_cast<const T*>(s->gradient), x.shape(), row_major(x.shape()), stamp_};
  }

 private:
  friend class Step;
  explicit Gradients(autodiff::TapeFrame& f) : frame_(&f), stamp_(f.stamp()) {}
  autodiff::TapeFrame* frame_;
  memory::Stamp stamp_;
};

namespace autodiff {
/// An arena, and where a Step in it is opened: what follows an arena in Step's brackets leaves no room for a place.
struct ArenaHere {
  ArenaHere(Arena& a TENON_LIFETIMEBOUND, Loc l = Loc::current()) : arena(a), at(l) {}
  Arena& arena;
  Loc at;
};
}  // namespace autodiff

/// A frame that records what the parameters of its modules take part in, until backward. Parameters of other modules are
/// constants. The modules' parameters cannot be written before backward.
class [[nodiscard("tenon: a Step that is not named ends at once")]] Step : public autodiff::InputFrame {
 public:
  /// Step step(arena, net), Step step(arena, encoder, decoder, rng): modules that learn, and a generator for ops that
  /// draw. Throws OwnershipError when another open Step learns one of the parameters.
  template <class... M>
  [[nodiscard("tenon: a Step that is not named ends at once")]] explicit Step(
      autodiff::ArenaHere in TENON_LIFETIMEBOUND, M & ... modules)
      : InputFrame(in.arena, true, in.at) {
    try {
      (adopt(modules, in.at), ...);
    } catch (...) {
      let_go();
      throw;
    }
  }
  ~Step() { let_go(); }

  /// An input that gets an adjoint; lent or moved in as input() does. `std::move(step).backward(loss)` returns them.
  template <class T, Index... E>
      Value<T, E...> variable(const Tensor<T, E...>& x, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    require_adjoint<T>();
    return lend_view(x.view(at), true, at);
  }
  template <class T, Index... E>
      Value<T, E...> variable(const View<T, E...>& x, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    require_adjoint<T>();
    return lend_view(x, true, at);
  }
  template <class T, Index... E>
      Value<T, E...> variable(Tensor<T, E...> && x, Loc at = Loc::current()) & TENON_LIFETIMEBOUND {
    require_adjoint<T>();
    return take(std::move(x), true, at);
  }

  /// Walks the tape back from a rank-0 loss: parameters receive their gradients and are free again; values live on until
  /// the step ends. Throws OwnershipError for a loss that is not this step's or a step already used; a throw leaves every
  /// gradient that was empty empty.
  template <tensor_like L> Gradients backward(L && loss, Loc at = Loc::current())&& {
    static_assert(shape_of_t<L>::rank == 0,
                  "tenon::Step::backward: the loss is a tensor; reduce it first, for example by sum or mean, or pass a "
                  "seed of its shape");
    return run(evaluate_loss(std::forward<L>(loss), at), nullptr, at);
  }
  /// The same from a value of any shape, given the adjoint of that value.
  template <tensor_like L, class T, Index... E>
  Gradients backward(L && y, const Tensor<T, E...>& seed, Loc at = Loc::current())&& {
    auto r = evaluate_loss(std::forward<L>(y), at);
    require_same_shape<typename decltype(r)::shape_type, Shape<E...>>();
    if (r.shape().extents() != seed.shape().extents())
      throw ShapeError(at,
                       "tenon::Step::backward: the value has shape " + to_string(r.shape()) + " but its seed " +
                           to_string(seed.shape()),
                       "give a seed of the shape of the value");
    return run(r, seed.data(at), at);
  }
  // Not "= delete": only a static_assert can speak.
  template <class L, class... Seed> void backward(L&&, const Seed&...)& {
    static_assert(autodiff::always_false<L>,
                  "tenon::Step::backward consumes the step: write std::move(step).backward(loss)");
  }

 private:
  template <class T> static consteval void require_adjoint() {
    static_assert(autodiff::has_adjoint<T>,
                  "tenon::Step: only float and double have gradients; bring the data in by input(x), and "
                  "cast<float>(x) where it is used");
  }
  struct Held {
    memory::Stamp stamp;
    autodiff::Slot* slot;
    Held* next;
    bool was_full;
  };
  template <class M> void adopt(M & module, Loc at) {
    if constexpr (std::is_same_v<M, Rng>) {
      draw_from(module.next());
    } else {
      static_assert(!std::is_const_v<M>,
                    "tenon::Step: a const module cannot learn; leave it out of the Step to use it as a constant");
      for_each_parameter(module, [&](const Path& path, auto& p) { hold(path, p.ref(), at); });
    }
  }
  template <class T> [[gnu::noinline]] void hold(const Path& path, const autodiff::ParameterRef<T>& p, Loc at) {
    if (p.held())
      throw OwnershipError(at,
                           "tenon::Step: parameter '" + path.str() + "' is held by an open Step or Scope already" +
                               memory::opened(*p.stamp().cell),
                           "end that frame first, or give each Step its own modules");
    auto* h = static_cast<Held*>(allocate(sizeof(Held)));
    memory::Cell* c = p.hold(*this, at);
    held_ = new (h) Held{{c, c->generation.load(std::memory_order_relaxed)}, p.slot(), held_, p.slot()->written};
  }
  void let_go() noexcept {
    for (Held* h = held_; h != nullptr; h = h->next) {
      if (!h->stamp.alive()) continue;
      h->stamp.cell->holder = nullptr;
      h->stamp.cell->traits.learns = 0;
    }
    held_ = nullptr;
  }
  template <class L> auto evaluate_loss(L && loss, Loc at) {
    require_adjoint<dtype_of_t<L>>();
    memory::check(stamp(), "Step::backward", at);
    if (consumed())
      throw OwnershipError(
          at,
          "tenon::Step::backward: this step has run backward already" + memory::detail::place(" (at ", consumed_at()),
          "open a new Step");
    if (arena().top() != this)
      throw OwnershipError(at,
                           "tenon::Step::backward: a Step or Scope opened inside this one" +
                               memory::detail::place(" (at ", arena().top()->born()) + " is still open",
                           "end it first");
    auto p = build::piece_of(std::forward<L>(loss), at);
    using P = decltype(p);
    if constexpr (std::is_same_v<typename P::graph_type, leaf> &&
                  evaluation::product_count<typename P::Operands>() == 0)
      return std::move(p.operands);
    else return build::settle(std::move(p), at).operands;
  }
  template <class R> Gradients run(const R& loss, const typename R::dtype* seed, Loc at);

  Held* held_ = nullptr;
};

template <class R> Gradients Step::run(const R& loss, const typename R::dtype* seed, Loc at) {
  try {
    reverse(loss, seed, "Step::backward", at);
  } catch (...) {  // what a gradient holds now is not a gradient: empty again, unless it was full before
    for (Held* h = held_; h != nullptr; h = h->next) {
      h->slot->written = h->was_full;
      if (!h->was_full) h->slot->put_off = false;  // what was full is another frame's to compute
    }
    consume(at);
    let_go();
    throw;
  }
  let_go();
  return Gradients(*this);
}

}  // namespace tenon::inline TENON_ABI
