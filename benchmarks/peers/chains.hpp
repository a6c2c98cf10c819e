// The fused chains of op/chain_bench.cpp, written by hand over SIMD lanes: what an expression should compile to.
// Math is a policy, so that a chain can be compared with the same tanh (the loop is judged) or with xsimd's (the whole
// is).
//
//   tanh_affine  y = tanh(a x + b) c          one array in, one out, scalars a b c
//   residual     y = |u - x w|^2 sum, u = x   sum(square(x w - x)): two arrays in, a number out
//   arithmetic   y = relu(a x + b) c + x      five cheap operations: arrays x b c, scalar a
//   tanh_exp     sum(tanh(a x + b) exp(c x))  two costly functions, a number out
//   exponential  y = exp(x)                   one array in, one out
//   sigmoid      y = 1 / (1 + exp(-x))        one array in, one out
//   gelu_tanh    y = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3)
//   sum_exp      sum(exp(x))                  one array in, a number out, summed in blocks of 4096
//
// Pre (of all): n is a multiple of the lanes, 16 on every machine so far; arrays do not overlap; any alignment.
#pragma once

#include "tenon/simd/batch.hpp"
#include "tenon/simd/math.hpp"

namespace bench::hand {

using tenon::Index;
template <class T> using Lanes = tenon::simd::Batch<T>;

/// Of xsimd itself.
struct XsimdMath {
  template <class T> static Lanes<T> tanh(Lanes<T> x) { return Lanes<T>(xsimd::tanh(x.v)); }
  template <class T> static Lanes<T> exp(Lanes<T> x) { return Lanes<T>(xsimd::exp(x.v)); }
  template <class T> static Lanes<T> sigmoid(Lanes<T> x) { return Lanes<T>(T(1)) / (Lanes<T>(T(1)) + exp(-x)); }
};
/// Of tenon.
struct TenonMath {
  template <class T> static Lanes<T> tanh(Lanes<T> x) { return tenon::simd::tanh(x); }
  template <class T> static Lanes<T> exp(Lanes<T> x) { return tenon::simd::exp(x); }
  template <class T> static Lanes<T> sigmoid(Lanes<T> x) { return tenon::simd::sigmoid(x); }
};

template <class Math, class T> void tanh_affine(Index n, const T* x, T a, T b, T c, T* y) {
  const Lanes<T> va(a), vb(b), vc(c);
  for (Index i = 0; i < n; i += Lanes<T>::size) (Math::tanh(fma(va, Lanes<T>::load(x + i), vb)) * vc).store(y + i);
}

/// The sum of the chain and its gradient in x: dx = c a (1 - tanh^2).
template <class Math, class T> T tanh_affine_gradient(Index n, const T* x, T a, T b, T c, T* dx) {
  const Lanes<T> va(a), vb(b), ca(c * a), one(T(1));
  Lanes<T> sum(T(0));
  for (Index i = 0; i < n; i += Lanes<T>::size) {
    const Lanes<T> t = Math::tanh(fma(va, Lanes<T>::load(x + i), vb));
    sum += t;
    (ca * (one - t * t)).store(dx + i);
  }
  return c * reduce_add(sum);
}

template <class T> T residual(Index n, const T* x, const T* w) {
  constexpr Index lanes = Lanes<T>::size;
  Lanes<T> even(T(0)), odd(T(0));  // two chains: one alone would wait for each addition
  Index i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const Lanes<T> x0 = Lanes<T>::load(x + i), x1 = Lanes<T>::load(x + i + lanes);
    const Lanes<T> u0 = x0 * Lanes<T>::load(w + i) - x0, u1 = x1 * Lanes<T>::load(w + i + lanes) - x1;
    even = fma(u0, u0, even);
    odd = fma(u1, u1, odd);
  }
  for (; i < n; i += lanes) {
    const Lanes<T> x0 = Lanes<T>::load(x + i), u0 = x0 * Lanes<T>::load(w + i) - x0;
    even = fma(u0, u0, even);
  }
  return reduce_add(even + odd);
}

/// With u = x w - x: dx = 2 u (w - 1), dw = 2 u x.
template <class T> T residual_gradient(Index n, const T* x, const T* w, T* dx, T* dw) {
  const Lanes<T> one(T(1));
  Lanes<T> sum(T(0));
  for (Index i = 0; i < n; i += Lanes<T>::size) {
    const Lanes<T> xi = Lanes<T>::load(x + i), wi = Lanes<T>::load(w + i), u = xi * wi - xi, du = u + u;
    sum = fma(u, u, sum);
    (du * (wi - one)).store(dx + i);
    (du * xi).store(dw + i);
  }
  return reduce_add(sum);
}

template <class T> void arithmetic(Index n, const T* x, T a, const T* b, const T* c, T* y) {
  const Lanes<T> va(a), zero(T(0));
  for (Index i = 0; i < n; i += Lanes<T>::size) {
    const Lanes<T> xi = Lanes<T>::load(x + i), u = fma(va, xi, Lanes<T>::load(b + i));
    fma(Lanes<T>(xsimd::max(zero.v, u.v)), Lanes<T>::load(c + i), xi).store(y + i);
  }
}

/// The sum of the chain and its gradients: with m = [a x + b > 0], dx = a c m + 1, db = c m, dc = relu(a x + b).
template <class T> T arithmetic_gradient(Index n, const T* x, T a, const T* b, const T* c, T* dx, T* db, T* dc) {
  const Lanes<T> va(a), zero(T(0)), one(T(1));
  Lanes<T> sum(T(0));
  for (Index i = 0; i < n; i += Lanes<T>::size) {
    const Lanes<T> xi = Lanes<T>::load(x + i), ci = Lanes<T>::load(c + i), u = fma(va, xi, Lanes<T>::load(b + i));
    const Lanes<T> r(xsimd::max(zero.v, u.v)), masked = select(u > zero, ci, zero);
    sum += fma(r, ci, xi);
    fma(va, masked, one).store(dx + i);
    masked.store(db + i);
    r.store(dc + i);
  }
  return reduce_add(sum);
}

template <class Math, class T> T tanh_exp(Index n, const T* x, T a, T b, T c) {
  const Lanes<T> va(a), vb(b), vc(c);
  Lanes<T> sum(T(0));
  for (Index i = 0; i < n; i += Lanes<T>::size) {
    const Lanes<T> xi = Lanes<T>::load(x + i);
    sum = fma(Math::tanh(fma(va, xi, vb)), Math::exp(vc * xi), sum);
  }
  return reduce_add(sum);
}

/// With t = tanh(a x + b), e = exp(c x): dx = e (a (1 - t^2) + c t).
template <class Math, class T> T tanh_exp_gradient(Index n, const T* x, T a, T b, T c, T* dx) {
  const Lanes<T> va(a), vb(b), vc(c);
  Lanes<T> sum(T(0));
  for (Index i = 0; i < n; i += Lanes<T>::size) {
    const Lanes<T> xi = Lanes<T>::load(x + i);
    const Lanes<T> t = Math::tanh(fma(va, xi, vb)), e = Math::exp(vc * xi);
    sum = fma(t, e, sum);
    (e * fma(vc, t, va - va * (t * t))).store(dx + i);
  }
  return reduce_add(sum);
}

template <class Math, class T> void exponential(Index n, const T* x, T* y) {
  for (Index i = 0; i < n; i += Lanes<T>::size) Math::exp(Lanes<T>::load(x + i)).store(y + i);
}
template <class Math, class T> void sigmoid(Index n, const T* x, T* y) {
  for (Index i = 0; i < n; i += Lanes<T>::size) Math::sigmoid(Lanes<T>::load(x + i)).store(y + i);
}
template <class Math, class T> void gelu_tanh(Index n, const T* x, T* y) {
  const Lanes<T> slope(T(1.59576912160573071176)), cubic(T(1.59576912160573071176 * 0.044715));
  for (Index i = 0; i < n; i += Lanes<T>::size) {
    const Lanes<T> xi = Lanes<T>::load(x + i);
    (xi * Math::sigmoid(xi * fma(cubic, xi * xi, slope))).store(y + i);
  }
}
template <class Math, class T> T sum_exp(Index n, const T* x) {
  constexpr Index block = 4096;
  double total = 0;
  for (Index first = 0; first < n; first += block) {
    const Index end = first + block < n ? first + block : n;
    Lanes<T> sum(T(0));
    for (Index i = first; i < end; i += Lanes<T>::size) sum += Math::exp(Lanes<T>::load(x + i));
    total += reduce_add(sum);
  }
  return static_cast<T>(total);
}

}  // namespace bench::hand
