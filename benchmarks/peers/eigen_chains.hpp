// The chains of chains.hpp in plain Eigen, one expression each; same names, same arguments.
#pragma once

#include <Eigen/Core>

namespace bench::eigen {

template <class T> using In = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T> using Out = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T> void tanh_affine(Eigen::Index n, const T* x, T a, T b, T c, T* y) {
  Out<T>(y, n) = (In<T>(x, n) * a + b).tanh() * c;
}
/// Stores the tanh in dx, then finishes the gradient in a second pass: Eigen has no expression with two results.
template <class T> T tanh_affine_gradient(Eigen::Index n, const T* x, T a, T b, T c, T* dx) {
  Out<T> t(dx, n);
  t = (In<T>(x, n) * a + b).tanh();
  const T sum = c * t.sum();
  t = (c * a) * (T(1) - t.square());
  return sum;
}

template <class T> T residual(Eigen::Index n, const T* x, const T* w) {
  const In<T> vx(x, n), vw(w, n);
  return (vx * vw - vx).square().sum();
}
/// Stores u in dw, then finishes in a second pass.
template <class T> T residual_gradient(Eigen::Index n, const T* x, const T* w, T* dx, T* dw) {
  const In<T> vx(x, n), vw(w, n);
  Out<T> gx(dx, n), u(dw, n);
  u = vx * vw - vx;
  const T sum = u.square().sum();
  gx = T(2) * u * (vw - T(1));
  u *= T(2) * vx;
  return sum;
}

template <class T> void arithmetic(Eigen::Index n, const T* x, T a, const T* b, const T* c, T* y) {
  const In<T> vx(x, n);
  Out<T>(y, n) = (a * vx + In<T>(b, n)).max(T(0)) * In<T>(c, n) + vx;
}
template <class T> T arithmetic_gradient(Eigen::Index n, const T* x, T a, const T* b, const T* c, T* dx, T* db, T* dc) {
  const In<T> vx(x, n), vc(c, n);
  Out<T> gx(dx, n), gb(db, n), relu(dc, n);
  relu = (a * vx + In<T>(b, n)).max(T(0));
  gb = (relu > T(0)).select(vc, T(0));
  gx = a * gb + T(1);
  return (relu * vc + vx).sum();
}

template <class T> T tanh_exp(Eigen::Index n, const T* x, T a, T b, T c) {
  const In<T> vx(x, n);
  return ((a * vx + b).tanh() * (c * vx).exp()).sum();
}
/// `scratch` has n elements: tanh goes there, exp into dx.
template <class T> T tanh_exp_gradient(Eigen::Index n, const T* x, T a, T b, T c, T* dx, T* scratch) {
  const In<T> vx(x, n);
  Out<T> e(dx, n), t(scratch, n);
  t = (a * vx + b).tanh();
  e = (c * vx).exp();
  const T sum = (t * e).sum();
  e *= a * (T(1) - t.square()) + c * t;
  return sum;
}

template <class T> void exponential(Eigen::Index n, const T* x, T* y) { Out<T>(y, n) = In<T>(x, n).exp(); }
/// Eigen's own; off by 400 units of the last place where it is small.
template <class T> void logistic(Eigen::Index n, const T* x, T* y) { Out<T>(y, n) = In<T>(x, n).logistic(); }
template <class T> T sum_exp(Eigen::Index n, const T* x) { return In<T>(x, n).exp().sum(); }
/// By exp.
template <class T> void sigmoid(Eigen::Index n, const T* x, T* y) {
  Out<T>(y, n) = T(1) / (T(1) + (-In<T>(x, n)).exp());
}
template <class T> void gelu_tanh(Eigen::Index n, const T* x, T* y) {
  const In<T> v(x, n);
  Out<T>(y, n) = T(0.5) * v * (T(1) + (T(0.79788456080286535588) * (v + T(0.044715) * v * v * v)).tanh());
}

}  // namespace bench::eigen
