// What all optimisers share: which parameters they were made for, the state beside each, and a walk that changes either
// all of them or none.
#pragma once

#include <utility>
#include <vector>

#include "tenon/optim/part.hpp"

namespace tenon::inline TENON_ABI::optim {

/// Throws ValueError unless low <= x < high.
inline void check_option(std::string_view optimizer, std::string_view option, double x, double low, double high,
                         Loc at) {
  if (!(x >= low && x < high)) [[unlikely]]
    throw ValueError(at,
                     "tenon::optim::" + std::string(optimizer) + ": " + std::string(option) + " is " +
                         std::to_string(x) + ", outside [" + std::to_string(low) + ", " + std::to_string(high) + ")",
                     "give a number in that range");
}

namespace detail {
TENON_COLD inline void refuse_held(std::string_view optimizer, const Path& path, const memory::Cell& c, Loc at) {
  throw OwnershipError(at,
                       "tenon::optim::" + std::string(optimizer) + ": parameter '" + path.str() +
                           "' is held by an open Step or Scope" + memory::opened(c),
                       "call std::move(step).backward(loss) first, or end the frame");
}
TENON_COLD inline void refuse_shared(std::string_view optimizer, const Path& path, std::string_view why, Loc at) {
  const std::string is = why.empty() ? "is one of a replica, which is never written" : "has a replica that is ";
  throw OwnershipError(
      at, "tenon::optim::" + std::string(optimizer) + ": parameter '" + path.str() + "' " + is + std::string(why),
      why.empty() ? "merge_gradients(net, replicas), then update(net)" : memory::SharedBytes::replicas_fix);
}
TENON_COLD inline void refuse_stranger(std::string_view optimizer, const Path& path, Loc at) {
  throw OwnershipError(at,
                       "tenon::optim::" + std::string(optimizer) + ": parameter '" + path.str() +
                           "' is none that this optimiser was made for",
                       "give update the modules that its constructor got; make a new optimiser for a new module");
}
TENON_COLD inline void refuse_twice(std::string_view optimizer, const Path& path, Loc at) {
  throw OwnershipError(at,
                       "tenon::optim::" + std::string(optimizer) + ": parameter '" + path.str() + "' is given twice",
                       "give update all modules that its constructor got, each once");
}
TENON_COLD inline void refuse_count(std::string_view optimizer, Index given, Index own, Loc at) {
  throw OwnershipError(at,
                       "tenon::optim::" + std::string(optimizer) + ": " + std::to_string(given) +
                           " parameters given but the optimiser was made for " + std::to_string(own),
                       "give update all modules that its constructor got, each once");
}
}  // namespace detail

/// A State<T> beside each parameter of dtype T. State<T> is a plain struct of Tensors with State(shape size, options).
template <template <class> class State> class States {
  template <class T> struct Entry {
    std::string path;     // as checkpoints name it
    memory::Stamp stamp;  // the parameter's storage, which stays where it is when the parameter moves
    Index round;          // the last update that it was given to
    PartOptions options;
    State<T> state;
  };

 public:
  explicit States(std::string_view optimizer) : optimizer_(optimizer) {}

  /// Adds those parameters of a part that no earlier part took; make(type_identity<T>, size) gives the state.
  template <class M, class F, class Make>
  void add(const Part<M, F>& part, std::string_view prefix, const Make& make, Loc at) {
    check_option(optimizer_, "learning_rate_scale", part.options.learning_rate_scale, 0, HUGE_VAL, at);
    if (part.options.weight_decay)
      check_option(optimizer_, "weight_decay", *part.options.weight_decay, 0, HUGE_VAL, at);
    for_each_parameter(part.module, [&](const Path& path, auto& p) {
      using T = typename std::remove_cvref_t<decltype(p)>::dtype;
      static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                    "tenon::optim: parameters are float or double");
      memory::check(p.ref().stamp(), optimizer_, at);
      if (part.takes(path, std::as_const(p))) add(path, p.ref(), prefix, part.options, make);
    });
  }
  Index size() const { return static_cast<Index>(float_.size() + double_.size()); }

  /// f(parameter, its elements, options, state) for each parameter that has a gradient, and marks that empty. Throws before anything
  /// is changed: OwnershipError when a parameter or its gradient is held or being written, when it is none of ours or
  /// given twice, or some of ours are missing.
  template <class F, class... M> void update(Loc at, const F& f, M&... modules) {
    Index given = 0;
    ++round_;
    (for_each_parameter(modules, [&](const Path& path, auto& p) { check(path, p.ref(), at), ++given; }), ...);
    if (given != size()) [[unlikely]]
      detail::refuse_count(optimizer_, given, size(), at);
    (for_each_parameter(modules, [&](const Path&, auto& p) { apply(p.ref(), f, at); }), ...);
  }

  template <class V> void members(V&& visit) {
    for (auto& e : float_) visit(std::string_view(e.path), e.state);
    for (auto& e : double_) visit(std::string_view(e.path), e.state);
  }

 private:
  template <class T> auto& list() {
    if constexpr (std::is_same_v<T, float>) return float_;
    else return double_;
  }
  /// Parameters come in the same order each time, so the next one is nearly always where the last one ended.
  template <class T> Entry<T>* find(memory::Stamp s) {
    auto& all = list<T>();
    for (std::size_t tried = 0; tried < all.size(); ++tried) {
      if (next_ >= all.size()) next_ = 0;
      Entry<T>& e = all[next_++];
      if (e.stamp.cell == s.cell && e.stamp.generation == s.generation) return &e;
    }
    return nullptr;
  }
  template <class T, class Make>
  [[gnu::noinline]] void add(const Path& path, const autodiff::ParameterRef<T>& p, std::string_view prefix,
                             const PartOptions& options, const Make& make) {
    if (find<T>(p.stamp()) != nullptr) return;
    list<T>().push_back(
        {std::string(prefix) + path.str(), p.stamp(), 0, options, make(std::type_identity<T>{}, p.size())});
  }
  template <class T> [[gnu::noinline]] void check(const Path& path, const autodiff::ParameterRef<T>& p, Loc at) {
    if (p.held()) [[unlikely]]
      detail::refuse_held(optimizer_, path, *p.stamp().cell, at);
    memory::check(p.stamp(), optimizer_, at);
    if (const char* why = p.why_not_writable()) [[unlikely]]
      detail::refuse_shared(optimizer_, path, why, at);
    if (p.has_gradient()) memory::check(p.gradient_stamp(), "Parameter::gradient", at);
    auto* e = find<T>(p.stamp());
    if (e == nullptr) [[unlikely]]
      detail::refuse_stranger(optimizer_, path, at);
    if (std::exchange(e->round, round_) == round_) [[unlikely]]
      detail::refuse_twice(optimizer_, path, at);
  }
  template <class T, class F> [[gnu::noinline]] void apply(const autodiff::ParameterRef<T>& p, const F& f, Loc at) {
    if (!p.has_gradient()) return;
    auto& e = *find<T>(p.stamp());
    {
      auto w = p.mut(at);
      f(p, w.data(at), e.options, e.state);
    }
    p.clear_gradient(at);
  }

  std::string_view optimizer_;
  std::vector<Entry<float>> float_;
  std::vector<Entry<double>> double_;
  std::size_t next_ = 0;
  Index round_ = 0;
};

}  // namespace tenon::inline TENON_ABI::optim
