// Structured bindings for 1 to 64 members. C++20 can bind members only by as many names as there are, so each number
// stands here; one explicit specialisation a number is found without trying the others.
#pragma once

#include <cstddef>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI::reflect_detail {

/// Bind<N>::apply(t, f) calls f with the N members of the aggregate t.
template <std::size_t N> struct Bind;

// clang-format off
template <> struct Bind<0> { template <class T, class F> static constexpr decltype(auto) apply(T&, F&& f) { return f(); } };
template <> struct Bind<1> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a] = t; return f(a); } };
template <> struct Bind<2> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b] = t; return f(a, b); } };
template <> struct Bind<3> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c] = t; return f(a, b, c); } };
template <> struct Bind<4> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d] = t; return f(a, b, c, d); } };
template <> struct Bind<5> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e] = t; return f(a, b, c, d, e); } };
template <> struct Bind<6> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g] = t; return f(a, b, c, d, e, g); } };
template <> struct Bind<7> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h] = t; return f(a, b, c, d, e, g, h); } };
template <> struct Bind<8> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i] = t; return f(a, b, c, d, e, g, h, i); } };
template <> struct Bind<9> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j] = t; return f(a, b, c, d, e, g, h, i, j); } };
template <> struct Bind<10> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k] = t; return f(a, b, c, d, e, g, h, i, j, k); } };
template <> struct Bind<11> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l] = t; return f(a, b, c, d, e, g, h, i, j, k, l); } };
template <> struct Bind<12> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m); } };
template <> struct Bind<13> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n); } };
template <> struct Bind<14> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o); } };
template <> struct Bind<15> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p); } };
template <> struct Bind<16> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q); } };
template <> struct Bind<17> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q,
  r); } };
template <> struct Bind<18> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q,
  r, s); } };
template <> struct Bind<19> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p,
  q, r, s, u); } };
template <> struct Bind<20> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o,
  p, q, r, s, u, v); } };
template <> struct Bind<21> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n,
  o, p, q, r, s, u, v, w); } };
template <> struct Bind<22> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m,
  n, o, p, q, r, s, u, v, w, x); } };
template <> struct Bind<23> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y] = t; return f(a, b, c, d, e, g, h, i, j, k, l,
  m, n, o, p, q, r, s, u, v, w, x, y); } };
template <> struct Bind<24> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z] = t; return f(a, b, c, d, e, g, h, i, j, k,
  l, m, n, o, p, q, r, s, u, v, w, x, y, z); } };
template <> struct Bind<25> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A] = t; return f(a, b, c, d, e, g, h, i, j,
  k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A); } };
template <> struct Bind<26> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B] = t; return f(a, b, c, d, e, g, h, i,
  j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B); } };
template <> struct Bind<27> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C] = t; return f(a, b, c, d, e, g, h,
  i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C); } };
template <> struct Bind<28> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D] = t; return f(a, b, c, d, e, g,
  h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D); } };
template <> struct Bind<29> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E] = t; return f(a, b, c, d, e,
  g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E); } };
template <> struct Bind<30> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G] = t; return f(a, b, c, d,
  e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G); } };
template <> struct Bind<31> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H] = t; return f(a, b, c,
  d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H); } };
template <> struct Bind<32> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I] = t; return f(a, b,
  c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I); } };
template <> struct Bind<33> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J] = t; return f(a,
  b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J); } };
template <> struct Bind<34> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K] = t; return
  f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K); } };
template <> struct Bind<35> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L] = t;
  return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L); }
  };
template <> struct Bind<36> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M] = t;
  return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L,
  M); } };
template <> struct Bind<37> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N] = t;
  return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M,
  N); } };
template <> struct Bind<38> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O] =
  t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L,
  M, N, O); } };
template <> struct Bind<39> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J,
  K, L, M, N, O, P); } };
template <> struct Bind<40> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I,
  J, K, L, M, N, O, P, Q); } };
template <> struct Bind<41> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H,
  I, J, K, L, M, N, O, P, Q, R); } };
template <> struct Bind<42> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G,
  H, I, J, K, L, M, N, O, P, Q, R, S); } };
template <> struct Bind<43> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E,
  G, H, I, J, K, L, M, N, O, P, Q, R, S, U); } };
template <> struct Bind<44> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D,
  E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V); } };
template <> struct Bind<45> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C,
  D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W); } };
template <> struct Bind<46> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B,
  C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X); } };
template <> struct Bind<47> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A,
  B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y); } };
template <> struct Bind<48> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z,
  A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z); } };
template <> struct Bind<49> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y,
  z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa); } };
template <> struct Bind<50> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w,
  x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb); } };
template <> struct Bind<51> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v,
  w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc); } };
template <> struct Bind<52> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u,
  v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd); } };
template <> struct Bind<53> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r,
  s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee); }
  };
template <> struct Bind<54> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q,
  r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee,
  gg); } };
template <> struct Bind<55> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p,
  q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd,
  ee, gg, hh); } };
template <> struct Bind<56> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m, n,
  o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc,
  dd, ee, gg, hh, ii); } };
template <> struct Bind<57> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj] = t; return f(a, b, c, d, e, g, h, i, j, k, l, m,
  n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa, bb,
  cc, dd, ee, gg, hh, ii, jj); } };
template <> struct Bind<58> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk] = t; return f(a, b, c, d, e, g, h, i, j, k, l,
  m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z, aa,
  bb, cc, dd, ee, gg, hh, ii, jj, kk); } };
template <> struct Bind<59> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll] = t; return f(a, b, c, d, e, g, h, i, j,
  k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y, Z,
  aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll); } };
template <> struct Bind<60> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm] = t; return f(a, b, c, d, e, g, h, i,
  j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X, Y,
  Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm); } };
template <> struct Bind<61> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn] = t; return f(a, b, c, d, e, g, h,
  i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V, W, X,
  Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn); } };
template <> struct Bind<62> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn, oo] = t; return f(a, b, c, d, e,
  g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U, V,
  W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn, oo); } };
template <> struct Bind<63> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn, oo, pp] = t; return f(a, b, c, d,
  e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S, U,
  V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn, oo, pp); } };
template <> struct Bind<64> { template <class T, class F> static constexpr decltype(auto) apply(T& t, F&& f) { auto&
  [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O,
  P, Q, R, S, U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn, oo, pp, qq] = t; return f(a, b, c,
  d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y, z, A, B, C, D, E, G, H, I, J, K, L, M, N, O, P, Q, R, S,
  U, V, W, X, Y, Z, aa, bb, cc, dd, ee, gg, hh, ii, jj, kk, ll, mm, nn, oo, pp, qq); } };
// clang-format on

}  // namespace tenon::inline TENON_ABI::reflect_detail
