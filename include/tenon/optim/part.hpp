// Parts: what an optimiser is made for, when not all parameters are treated alike.
#pragma once

#include <optional>

#include "tenon/autodiff/parameters.hpp"

namespace tenon::inline TENON_ABI::optim {

/// How a part differs from the optimiser's own options.
struct PartOptions {
  double learning_rate_scale = 1;           ///< times the optimiser's learning rate, whatever a schedule makes of that
  std::optional<double> weight_decay = {};  ///< in place of the optimiser's
};

/// Takes every parameter.
struct Everything {
  template <class P> bool operator()(const Path&, const P&) const { return true; }
};
/// Takes what is added along rows: biases, scales of norms. The usual exception from weight decay.
struct Vectors {
  template <class P> bool operator()(const Path&, const P&) const { return P::rank() <= 1; }
};
inline constexpr Vectors vectors{};

/// Made by part(); refers to its module while the optimiser is made.
template <class M, class F> struct Part {
  M& module;
  PartOptions options;
  F takes;
};

/// The parameters of `module` for which takes(path, parameter) is true. A parameter belongs to the first part that
/// takes it, so exceptions go first:
///   optim::AdamW adam({.weight_decay = 0.1}, part(net, {.weight_decay = 0}, vectors), part(net));
template <class M, class F = Everything> Part<M, F> part(M& module, PartOptions options = {}, F takes = {}) {
  return {module, options, takes};
}

}  // namespace tenon::inline TENON_ABI::optim
