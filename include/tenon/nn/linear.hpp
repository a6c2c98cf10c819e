// Linear: y = x weight + bias
#pragma once

#include "tenon/nn/init.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/matmul.hpp"

namespace tenon::inline TENON_ABI::nn {

/// y = x weight + bias, lazily: what follows (an activation) runs on each block of y while it is in cache.
/// Shapes: x (..., in) -> y (..., out); weight (in, out), bias (out)
/// Sizes:  in the type, or dyn: Linear<dyn, dyn>(in, out)
/// Init:   weight and bias from U(-b, b), b = 1 / sqrt(in), as PyTorch's; zeros before that
/// Throws: ShapeError when the last extent of x is not `in`; known sizes that clash do not compile
template <Index In, Index Out, class T = float> struct Linear {
  Parameter<T, In, Out> weight;
  Parameter<T, Out> bias;

  auto operator()(const auto& x) const { return matmul(x, weight) + bias; }
  void initialize(Rng& rng) { linear_default(weight, bias, rng); }
};

/// Sizes known at run time.
template <Index In, Index Out, class T>
requires(In == dyn || Out == dyn) struct Linear<In, Out, T> {
  Parameter<T, In, Out> weight;
  Parameter<T, Out> bias;

  /// Throws ShapeError for a negative size, or one that is not the type's.
  Linear(Index in, Index out, Loc at = Loc::current())
      : weight(detail::filled<T>(Shape<In, Out>({in, out}, at), 0, at)),
        bias(detail::filled<T>(Shape<Out>({out}, at), 0, at)) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  Linear(const Linear& other, auto&& twin) : weight(twin(other.weight)), bias(twin(other.bias)) {}

  auto operator()(const auto& x) const { return matmul(x, weight) + bias; }
  void initialize(Rng& rng) { linear_default(weight, bias, rng); }
  void members(auto&& visit) {
    visit("weight", weight);
    visit("bias", bias);
  }
};

}  // namespace tenon::inline TENON_ABI::nn
