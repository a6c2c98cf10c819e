// The chains of chains.hpp in xtensor over xsimd, one expression each; same names, same arguments.
#pragma once

#define XTENSOR_USE_XSIMD
#include <array>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>

namespace bench::xtensor {

inline auto in(std::size_t n, const float* x) {
  return xt::adapt(x, n, xt::no_ownership(), std::array<std::size_t, 1>{n});
}
inline auto out(std::size_t n, float* y) { return xt::adapt(y, n, xt::no_ownership(), std::array<std::size_t, 1>{n}); }

inline void tanh_affine(std::size_t n, const float* x, float a, float b, float c, float* y) {
  auto to = out(n, y);
  xt::noalias(to) = xt::tanh(in(n, x) * a + b) * c;
}
inline void arithmetic(std::size_t n, const float* x, float a, const float* b, const float* c, float* y) {
  auto to = out(n, y);
  xt::noalias(to) = xt::maximum(in(n, x) * a + in(n, b), 0.0f) * in(n, c) + in(n, x);
}
inline void exponential(std::size_t n, const float* x, float* y) {
  auto to = out(n, y);
  xt::noalias(to) = xt::exp(in(n, x));
}
inline void sigmoid(std::size_t n, const float* x, float* y) {
  auto to = out(n, y);
  xt::noalias(to) = 1.0f / (1.0f + xt::exp(-in(n, x)));
}
inline void gelu_tanh(std::size_t n, const float* x, float* y) {
  auto to = out(n, y);
  const auto v = in(n, x);
  xt::noalias(to) = 0.5f * v * (1.0f + xt::tanh(0.797884561f * (v + 0.044715f * v * v * v)));
}
inline float sum_exp(std::size_t n, const float* x) {
  return xt::sum(xt::exp(in(n, x)), xt::evaluation_strategy::immediate)();
}

}  // namespace bench::xtensor
