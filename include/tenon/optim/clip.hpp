// clip_by_norm(net, max_norm)
#pragma once

#include "tenon/kernel/optimizer.hpp"
#include "tenon/optim/states.hpp"

namespace tenon::inline TENON_ABI::optim {

/// Scales all gradients of a module by one factor so that their common Euclidean norm is at most max_norm; returns the
/// norm before that. Empty gradients count as 0. When the norm is not finite nothing is changed: test the returned
/// value with std::isfinite, and call clear_gradients(net) to leave such a step out. Throws, before it changes
/// anything: ValueError unless max_norm > 0; OwnershipError while a Step holds a parameter.
template <class M> double clip_by_norm(M& module, double max_norm, Loc at = Loc::current()) {
  if (!(max_norm > 0))
    throw ValueError(at, "tenon::optim::clip_by_norm: max_norm is " + std::to_string(max_norm), "give a positive norm");
  double squares = 0;
  for_each_parameter(module, [&](const Path& path, auto& p) {
    if (p.held()) [[unlikely]]
      detail::refuse_held("clip_by_norm", path, *p.ref().stamp().cell, at);
    if (p.has_gradient()) squares += kernel::sum_of_squares(p.size(), p.gradient(at).data(at));
  });
  const double norm = std::sqrt(squares);
  if (std::isfinite(norm) && norm > max_norm)
    for_each_parameter(module, [&](const Path&, auto& p) {
      using T = typename std::remove_cvref_t<decltype(p)>::dtype;
      if (p.has_gradient()) kernel::scale(p.size(), p.mut_gradient(at).data(at), static_cast<T>(max_norm / norm));
    });
  return norm;
}

}  // namespace tenon::inline TENON_ABI::optim
