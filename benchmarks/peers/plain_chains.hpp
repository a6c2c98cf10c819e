// The chains of chains.hpp as plain loops, for the compiler to vectorise: plain_chains.cpp is compiled with -O3
// -ffast-math, so that g++ calls glibc's vector functions (libmvec).
#pragma once

#include <cstddef>

namespace bench::plain {

void tanh_affine(std::ptrdiff_t n, const float* x, float a, float b, float c, float* y);
void arithmetic(std::ptrdiff_t n, const float* x, float a, const float* b, const float* c, float* y);
void exponential(std::ptrdiff_t n, const float* x, float* y);
void sigmoid(std::ptrdiff_t n, const float* x, float* y);
void gelu_tanh(std::ptrdiff_t n, const float* x, float* y);
float sum_exp(std::ptrdiff_t n, const float* x);

}  // namespace bench::plain
