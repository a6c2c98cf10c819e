// logsumexp(x), logsumexp(x, axis<...>)
#pragma once

#include "tenon/op/exp.hpp"
#include "tenon/op/log.hpp"
#include "tenon/tensor/reduce.hpp"

namespace tenon::inline TENON_ABI {

/// log(sum(exp(x))) over all dimensions, or those named, without overflow in between and in one pass.
/// Shapes:     the folded dimensions go, or stay as 1 with keep_dims
/// Dtype:      that of x; float for the 16-bit types; integers and bool do not compile
/// Derivative: exp(x - y) for each element, the softmax; NaN where y is infinite
/// Accuracy:   3 ulp of the larger of |y| and 1 for up to 4096 elements
/// Empty:      -inf; also when all elements are -inf. inf when one is inf, NaN when one is NaN
struct LogSumExp {
  static constexpr std::string_view name = "logsumexp";
  static constexpr int states = 2;  // m, the largest element so far, and the sum of exp(x - m)
  static constexpr auto derivative_reads = Reads::both;
  static constexpr bool floating_only = true;
  template <class C> using dtype = C;
  template <class C> static constexpr C neutral() { return fused::lowest<C>(); }
  // m starts finite: then -inf - m is -inf, and elements of -inf add exp(-inf) = 0.
  template <class R> static void start(R* s) {
    using T = typename fused::NumberOf<R>::type;
    s[0] = R(std::numeric_limits<T>::lowest());
    s[1] = R(0);
  }
  template <class R> static void add(R* s, R x) {
    const R one[2] = {x, R(1)};
    merge(s, one);
  }
  template <class R> static void merge(R* s, const R* o) {
    using std::exp;
    const auto grows = o[0] > s[0];
    const R d = select(grows, s[0] - o[0], o[0] - s[0]);
    const R e = select(both(o[0] == s[0], d != d), R(1), exp(d));  // inf - inf
    s[1] = select(grows, s[1] * e + o[1], s[1] + o[1] * e);
    s[0] = select(grows, o[0], s[0]);
  }
  template <class C> static C finish(const C* s, Index) {
    using std::log;
    return s[0] + log(s[1]);
  }
  template <class C> static C share(Index) { return C(1); }
  template <class R> static R pull(R dy, R x, R y, R) {
    using std::exp;
    return dy * exp(x - y);
  }
};
template <tensor_like X, class... Options> auto logsumexp(X&& x, Options... options) {
  return reduce<LogSumExp>(std::forward<X>(x), options...);
}

}  // namespace tenon::inline TENON_ABI
