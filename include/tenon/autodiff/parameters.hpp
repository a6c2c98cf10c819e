// The parameters of a module, found and named without a macro.
#pragma once

#include "tenon/autodiff/parameter.hpp"
#include "tenon/base/path.hpp"
#include "tenon/base/random.hpp"
#include "tenon/base/reflect.hpp"

namespace tenon::inline TENON_ABI {

namespace detail {
template <class T> inline constexpr bool is_tensor_v = false;
template <class T, Index... E> inline constexpr bool is_tensor_v<Tensor<T, E...>> = true;

template <class M, class F> void visit_state(M& m, const Path* parent, std::string_view name, Index number, F& visit);

template <class M, class F> void visit_members(M& m, const Path* here, F& visit) {
  using T = std::remove_const_t<M>;
  if constexpr (is_parameter_v<T> || is_tensor_v<T>) {
    visit(*here, m);
  } else if constexpr (std::is_same_v<T, Rng> && requires { typename F::visits_generators; }) {
    visit(*here, m);
  } else if constexpr (is_plain_member_v<T> || std::is_same_v<T, Rng> || std::is_empty_v<T>) {
  } else if constexpr (is_sequence_v<T>) {
    Index i = 0;
    for (auto& x : m) visit_state(x, here, {}, i++, visit);
  } else {
    for_each_member(m, [&](std::string_view name, auto& member) { visit_state(member, here, name, -1, visit); });
  }
}
template <class M, class F> void visit_state(M& m, const Path* parent, std::string_view name, Index number, F& visit) {
  const Path here{parent, name, number};
  visit_members(m, &here, visit);
}
}  // namespace detail

/// Calls visit(path, x) for each Parameter and each Tensor in a module, in order of declaration: what a checkpoint
/// holds. path.str() is "hidden.weight". Structs, std::array and std::vector are entered; numbers, strings, enums and
/// generators are left alone (a visitor with a type visits_generators gets those too); a class that is not understood
/// does not compile (skipping it would lose parameters).
template <class M, class F> void for_each_state(M& module, F&& visit) {
  const Path root;
  detail::visit_members(module, &root, visit);
}

/// Calls visit(path, parameter) for each Parameter of a module.
template <class M, class F> void for_each_parameter(M& module, F&& visit) {
  for_each_state(module, [&](const Path& path, auto& x) {
    if constexpr (is_parameter_v<std::remove_cvref_t<decltype(x)>>) visit(path, x);
  });
}

/// Number of trainable numbers in a module.
template <class M> Index parameter_count(const M& module) {
  Index n = 0;
  for_each_parameter(module, [&](const Path&, auto& p) { n += p.size(); });
  return n;
}
/// Empties every gradient.
template <class M> void clear_gradients(M& module, Loc at = Loc::current()) {
  for_each_parameter(module, [&](const Path&, auto& p) { p.clear_gradient(at); });
}

}  // namespace tenon::inline TENON_ABI
