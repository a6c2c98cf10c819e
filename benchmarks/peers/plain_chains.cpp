#include "benchmarks/peers/plain_chains.hpp"

#include <cmath>

namespace bench::plain {

void tanh_affine(std::ptrdiff_t n, const float* __restrict x, float a, float b, float c, float* __restrict y) {
  for (std::ptrdiff_t i = 0; i < n; ++i) y[i] = std::tanh(a * x[i] + b) * c;
}
void arithmetic(std::ptrdiff_t n, const float* __restrict x, float a, const float* __restrict b,
                const float* __restrict c, float* __restrict y) {
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const float u = a * x[i] + b[i];
    y[i] = (u > 0 ? u : 0) * c[i] + x[i];
  }
}
void exponential(std::ptrdiff_t n, const float* __restrict x, float* __restrict y) {
  for (std::ptrdiff_t i = 0; i < n; ++i) y[i] = std::exp(x[i]);
}
void sigmoid(std::ptrdiff_t n, const float* __restrict x, float* __restrict y) {
  for (std::ptrdiff_t i = 0; i < n; ++i) y[i] = 1 / (1 + std::exp(-x[i]));
}
void gelu_tanh(std::ptrdiff_t n, const float* __restrict x, float* __restrict y) {
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const float u = 0.797884561f * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
    y[i] = 0.5f * x[i] * (1 + std::tanh(u));
  }
}
float sum_exp(std::ptrdiff_t n, const float* x) {
  float sum = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) sum += std::exp(x[i]);
  return sum;
}

}  // namespace bench::plain
