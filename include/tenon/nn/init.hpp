// First values of parameters: the known formulas, and init, which fills a module with them.
#pragma once

#include <cmath>

#include "tenon/autodiff/parameters.hpp"

namespace tenon::inline TENON_ABI::nn {

/// How many inputs feed one output of a layer, and how many outputs one input feeds.
struct Fan {
  Index in, out;
};
/// Of a weight (in, out). Others say it themselves: Fan{channels * 9, filters * 9} for 3x3 filters.
template <class T, Index In, Index Out> Fan fan_of(const Parameter<T, In, Out>& weight) {
  return {weight.shape()[0], weight.shape()[1]};
}

/// Gain for layers followed by relu: half of their inputs are 0.
inline constexpr double relu_gain = 1.41421356237309504880;

// Each fills one parameter from consecutive draws of rng. Throws OwnershipError while a Step learns the parameter.

/// U(low, high). Throws ValueError unless low <= high, both finite.
template <class T, Index... E>
void uniform(Parameter<T, E...>& p, Rng& rng, double low, double high, Loc at = Loc::current()) {
  using C = compute_t<T>;
  auto w = p.mut(at);
  rng.fill_uniform(w.data(at), p.size(), static_cast<C>(low), static_cast<C>(high), at);
}
/// N(mean, stddev^2).
template <class T, Index... E>
void normal(Parameter<T, E...>& p, Rng& rng, double mean = 0, double stddev = 1, Loc at = Loc::current()) {
  using C = compute_t<T>;
  auto w = p.mut(at);
  rng.fill_normal(w.data(at), p.size(), static_cast<C>(mean), static_cast<C>(stddev));
}
template <class T, Index... E> void constant(Parameter<T, E...>& p, double value, Loc at = Loc::current()) {
  p.mut(at).fill(static_cast<T>(value), at);
}
template <class T, Index... E> void zeros(Parameter<T, E...>& p, Loc at = Loc::current()) { constant(p, 0, at); }

namespace detail {
/// A fan is a divisor: of an empty weight, where nothing is drawn, take any.
inline double at_least_one(Index fan) { return fan > 0 ? static_cast<double>(fan) : 1; }
}  // namespace detail

/// U(-b, b), b = gain sqrt(3 / fan.in): keeps the variance of activations through layers of relu.
/// Source: He, Zhang, Ren, Sun, Delving deep into rectifiers, ICCV 2015, eq. 10
template <class T, Index... E>
void kaiming_uniform(Parameter<T, E...>& p, Rng& rng, Fan fan, double gain = relu_gain, Loc at = Loc::current()) {
  const double b = gain * std::sqrt(3 / detail::at_least_one(fan.in));
  uniform(p, rng, -b, b, at);
}
template <class T, Index In, Index Out>
void kaiming_uniform(Parameter<T, In, Out>& p, Rng& rng, double gain = relu_gain, Loc at = Loc::current()) {
  kaiming_uniform(p, rng, fan_of(p), gain, at);
}
/// N(0, s^2), s = gain / sqrt(fan.in). Source: as kaiming_uniform
template <class T, Index... E>
void kaiming_normal(Parameter<T, E...>& p, Rng& rng, Fan fan, double gain = relu_gain, Loc at = Loc::current()) {
  normal(p, rng, 0, gain / std::sqrt(detail::at_least_one(fan.in)), at);
}
template <class T, Index In, Index Out>
void kaiming_normal(Parameter<T, In, Out>& p, Rng& rng, double gain = relu_gain, Loc at = Loc::current()) {
  kaiming_normal(p, rng, fan_of(p), gain, at);
}
/// U(-b, b), b = gain sqrt(6 / (fan.in + fan.out)): a compromise between forward and backward, for tanh and the like.
/// Source: Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010, eq.
/// 16
template <class T, Index... E>
void xavier_uniform(Parameter<T, E...>& p, Rng& rng, Fan fan, double gain = 1, Loc at = Loc::current()) {
  const double b = gain * std::sqrt(6 / detail::at_least_one(fan.in + fan.out));
  uniform(p, rng, -b, b, at);
}
template <class T, Index In, Index Out>
void xavier_uniform(Parameter<T, In, Out>& p, Rng& rng, double gain = 1, Loc at = Loc::current()) {
  xavier_uniform(p, rng, fan_of(p), gain, at);
}
/// N(0, s^2), s = gain sqrt(2 / (fan.in + fan.out)). Source: as xavier_uniform, eq. 12
template <class T, Index... E>
void xavier_normal(Parameter<T, E...>& p, Rng& rng, Fan fan, double gain = 1, Loc at = Loc::current()) {
  normal(p, rng, 0, gain * std::sqrt(2 / detail::at_least_one(fan.in + fan.out)), at);
}
template <class T, Index In, Index Out>
void xavier_normal(Parameter<T, In, Out>& p, Rng& rng, double gain = 1, Loc at = Loc::current()) {
  xavier_normal(p, rng, fan_of(p), gain, at);
}

namespace detail {
/// A parameter's value before it is initialised.
template <class T, Index... E> Tensor<T, E...> filled(const Shape<E...>& shape, double value, Loc at = {}) {
  return Uninit<T, E...>(shape, at).init_with([=](Index) { return static_cast<T>(value); });
}
}  // namespace detail

/// A module that draws its own first values.
template <class M>
concept initializable = requires(M& m, Rng& rng) {
  m.initialize(rng);
};

namespace detail {

template <class M> void init_module(M& m, const Path& here, const Rng& rng) {
  if constexpr (initializable<M>) {
    Rng own = rng.fork(here.str());
    m.initialize(own);
  } else if constexpr (is_parameter_v<M> || tenon::detail::is_tensor_v<M> || is_plain_member_v<M> ||
                       std::is_same_v<M, Rng> || std::is_empty_v<M>) {
  } else if constexpr (is_sequence_v<M>) {
    Index i = 0;
    for (auto& x : m) init_module(x, Path{&here, {}, i++}, rng);
  } else {
    for_each_member(m, [&](std::string_view name, auto& member) { init_module(member, Path{&here, name}, rng); });
  }
}

}  // namespace detail

/// Gives each module inside `net` that has `initialize(Rng&)` a generator of its own, which depends on rng and on the
/// module's path only: adding a layer changes no other layer's values. Takes one position of rng, so a second net gets
/// other values. Modules without initialize are entered; a Parameter that stands in one of those keeps its value.
template <class M> void init(M& net, Rng& rng) { detail::init_module(net, Path{}, rng.next()); }
/// A new Net{args...}, initialised: `auto net = tn::nn::init<Classifier>(rng);`
template <class Net, class... Args> Net init(Rng& rng, Args&&... args) {
  Net net{std::forward<Args>(args)...};
  init(net, rng);
  return net;
}

/// PyTorch's nn.Linear: weight (in, out) and bias from U(-b, b), b = 1 / sqrt(in), which is kaiming_uniform with gain
/// sqrt(1/3).
template <class T, Index In, Index Out, Index Bias>
void linear_default(Parameter<T, In, Out>& weight, Parameter<T, Bias>& bias, Rng& rng) {
  const double b = 1 / std::sqrt(detail::at_least_one(weight.shape()[0]));
  uniform(weight, rng, -b, b);
  uniform(bias, rng, -b, b);
}

}  // namespace tenon::inline TENON_ABI::nn
