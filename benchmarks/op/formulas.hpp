// The chains of peers/chains.hpp as a user of tenon writes them. Arguments are tensors, or what a Step or
// value_and_grad makes of them.
#pragma once

#include "tenon/op.hpp"

namespace bench::formulas {

inline constexpr float a = 0.7f, b = -0.2f, c = 1.3f;

inline constexpr auto tanh_affine = [](const auto& x) { return tenon::tanh(a * x + b) * c; };
inline constexpr auto arithmetic = [](const auto& x, const auto& shift, const auto& scale) {
  return tenon::relu(a * x + shift) * scale + x;
};
inline constexpr auto residual = [](const auto& x, const auto& w) { return tenon::sum(tenon::square(x * w - x)); };
inline constexpr auto tanh_exp = [](const auto& x) { return tenon::sum(tenon::tanh(a * x + b) * tenon::exp(c * x)); };

inline constexpr auto exponential = [](const auto& x) { return tenon::exp(x); };
inline constexpr auto sigmoid = [](const auto& x) { return tenon::sigmoid(x); };
inline constexpr auto gelu_tanh = [](const auto& x) { return tenon::gelu_tanh(x); };
inline constexpr auto sum_exp = [](const auto& x) { return tenon::sum(tenon::exp(x)); };

// The sums of the first two: what has a gradient.
inline constexpr auto tanh_affine_sum = [](const auto& x) { return tenon::sum(tanh_affine(x)); };
inline constexpr auto arithmetic_sum = [](const auto& x, const auto& shift, const auto& scale) {
  return tenon::sum(arithmetic(x, shift, scale));
};

}  // namespace bench::formulas
