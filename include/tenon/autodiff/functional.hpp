// The functional door: derivatives of functions. Reverse mode is in value_and_grad.hpp; forward mode, Hessian-vector
// products, Jacobians and Hessians stand here.
//
// f takes its arguments as const auto&, so that the same f runs on tensors, on recorded arguments and on duals.
#pragma once

#include "tenon/autodiff/value_and_grad.hpp"

namespace tenon::inline TENON_ABI {
namespace autodiff {

/// x + t e as a tensor of duals.
template <class T, Index... E>
Tensor<Dual<T>, E...> dual_tensor(const Tensor<T, E...>& x, const Tensor<T, E...>& t, std::string_view op, Loc at) {
  if (!(x.shape() == t.shape()))
    throw ShapeError(at,
                     "tenon::" + std::string(op) + ": the point has shape " + to_string(x.shape()) +
                         " but its direction " + to_string(t.shape()),
                     "give a direction of the shape of the point");
  const T* px = x.data(at);
  const T* pt = t.data(at);
  return Uninit<Dual<T>, E...>(x.shape(), at).init_with([&](Index i) { return Dual<T>(px[i], pt[i]); });
}
/// The values, or the tangents, of a tensor of duals.
template <class T, Index... E> Tensor<T, E...> part_of(const Tensor<Dual<T>, E...>& d, bool tangent) {
  const Dual<T>* p = d.begin_unchecked();
  return Uninit<T, E...>(d.shape()).init_with([&](Index i) { return tangent ? p[i].tangent : p[i].value; });
}
/// Of what does not depend on the duals: the values, and no tangents.
template <class T, Index... E>
requires(!is_dual_v<T>) Tensor<T, E...> part_of(const Tensor<T, E...>& x, bool tangent) {
  const T* p = x.begin_unchecked();
  return Uninit<T, E...>(x.shape()).init_with([&](Index i) { return tangent ? T(0) : p[i]; });
}
template <class Y> auto as_tensor(Y&& y) {
  using X = std::remove_cvref_t<Y>;
  if constexpr (requires { typename X::tenon_owner; }) return std::forward<Y>(y);
  else if constexpr (number<X> || dual_number<X>)  // f is written in x's elements
    return Uninit<X>(Shape<>{}).init_with([&](Index) { return y; });
  else return Tensor(std::forward<Y>(y));
}

}  // namespace autodiff

/// Forward mode: f(x) and the derivative of f at x in direction t, together. Several arguments: pass tuples of tensors,
/// jvp(f, std::tie(a, b), std::tie(ta, tb)). Cost: about twice f.
template <class F, class T, Index... E>
auto jvp(F f, const Tensor<T, E...>& x, const Tensor<T, E...>& t, Loc at = Loc::current()) {
  const auto y = autodiff::as_tensor(f(autodiff::dual_tensor(x, t, "jvp", at)));
  return std::pair(autodiff::part_of(y, false), autodiff::part_of(y, true));
}
template <class F, class... X>
auto jvp(F f, const std::tuple<X&...>& x, const std::tuple<X&...>& t, Loc at = Loc::current()) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto y = autodiff::as_tensor(f(autodiff::dual_tensor(std::get<I>(x), std::get<I>(t), "jvp", at)...));
    return std::pair(autodiff::part_of(y, false), autodiff::part_of(y, true));
  }
  (std::index_sequence_for<X...>{});
}

/// The product of the Hessian of scalar f at x with a direction: forward over the reverse pass. A Tensor for one
/// argument; for tuples of tensors, a tuple. Cost: a small multiple of the gradient, whatever the size.
template <class F, class T, Index... E>
Tensor<T, E...> hvp(F f, const Tensor<T, E...>& x, const Tensor<T, E...>& t, Loc at = Loc::current()) {
  ValueAndGrad<F> v(std::move(f));
  return autodiff::part_of(v(autodiff::dual_tensor(x, t, "hvp", at)).grad, true);
}
template <class F, class... X>
requires(sizeof...(X) > 1) auto hvp(F f, const std::tuple<X&...>& x, const std::tuple<X&...>& t,
                                    Loc at = Loc::current()) {
  ValueAndGrad<F> v(std::move(f));
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto g = v(autodiff::dual_tensor(std::get<I>(x), std::get<I>(t), "hvp", at)...).grad;
    return std::tuple(autodiff::part_of(std::get<I>(g), true)...);
  }
  (std::index_sequence_for<X...>{});
}

/// The Jacobian of f at x as a matrix (elements of f(x), elements of x), in row-major order of both: forward mode, one
/// pass an element of x, when x is not larger than f(x), else reverse mode, one pass an element of f(x).
template <class F, class T, Index... E>
Tensor<T, dyn, dyn> jacobian(F f, const Tensor<T, E...>& x, Loc at = Loc::current()) {
  const auto y = autodiff::as_tensor(f(x));
  const Index rows = y.size(), columns = x.size();
  Tensor<T, dyn, dyn> j({rows, columns});
  auto out = j.mut(at);
  if (columns <= rows) {
    auto t = Tensor<T, E...>(Uninit<T, E...>(x.shape(), at).init_with([](Index) { return T(0); }));
    for (Index c = 0; c < columns; ++c) {
      t.mut(at).data()[c] = T(1);
      const auto column = jvp(f, x, t, at).second;
      t.mut(at).data()[c] = T(0);
      for (Index r = 0; r < rows; ++r) out(r, c) = column.begin_unchecked()[r];
    }
  } else {
    Arena arena;
    for (Index r = 0; r < rows; ++r) {
      Step step(arena);
      const Value v = step.variable(x, at);
      auto fy = eval(f(autodiff::Argument<-1, T, E...>(v.data(at), v.shape(), v.stamp(), v.slot())), at);
      using S = shape_of_t<decltype(fy)>;
      bool depends = false;
      if constexpr (requires { fy.evaluated().slot(); }) depends = fy.evaluated(at).slot() != nullptr;
      if (!depends) break;  // all zeros, and so for the other rows
      typename autodiff::TensorOf<T, S>::Fresh fresh(y.shape(), at);
      auto seed = std::move(fresh).init_with([&](Index i) { return i == r ? T(1) : T(0); });
      const auto g = std::move(step).backward(fy, seed, at);
      const auto row = g.of(v);
      for (Index c = 0; c < columns; ++c) out(r, c) = row.data()[c];
    }
  }
  return j;
}

/// The Hessian of scalar f at x as a matrix (elements of x, elements of x): one Hessian-vector product a column.
template <class F, class T, Index... E>
Tensor<T, dyn, dyn> hessian(F f, const Tensor<T, E...>& x, Loc at = Loc::current()) {
  const Index n = x.size();
  Tensor<T, dyn, dyn> h({n, n});
  auto out = h.mut(at);
  auto t = Uninit<T, E...>(x.shape(), at).init_with([](Index) { return T(0); });
  for (Index c = 0; c < n; ++c) {
    t.mut(at).data()[c] = T(1);
    const auto column = hvp(f, x, t, at);
    t.mut(at).data()[c] = T(0);
    for (Index r = 0; r < n; ++r) out(r, c) = column.begin_unchecked()[r];
  }
  return h;
}

}  // namespace tenon::inline TENON_ABI
