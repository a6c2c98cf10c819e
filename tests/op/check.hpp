// One call checks an elementwise op: values through expressions on arrays of every layout, then the rule's derivative,
// tangent and second derivatives on numbers, lanes and duals, all against the formula in long double.
//
// What depends on the op is a few small functions behind pointers; the loops over layouts and points are compiled once
// a file. check_elementwise is where a check through the tape belongs: every op's test passes there.
#pragma once

#include "tests/op/check_values.hpp"

namespace tenon_test {

/// What one evaluation of a rule at x, in the direction v, gives.
struct Outcome {
  double y = 0, tangent = 0, second = 0;  ///< value, d/dt and d^2/dt^2 of f(x + t v), where X is dual (twice)
  double dx[max_operands] = {}, dx_tangent[max_operands] = {};  ///< partial derivatives, and their d/dt
};
template <class X> X make(double value, double tangent) {
  if constexpr (tn::is_dual_v<X>)
    return X(make<typename X::value_type>(value, tangent), make<typename X::value_type>(tangent, 0));
  else return X(static_cast<typename tn::fused::NumberOf<X>::type>(value));
}
template <class X> double number_in(X x) {
  if constexpr (tn::is_dual_v<X>) return number_in(x.value);
  else if constexpr (std::is_arithmetic_v<X>) return static_cast<double>(x);
  else return static_cast<double>(x.get(X::size - 1));
}
/// The derivative for operand J; what the op does not declare that it reads is NaN, as it would be rubbish in a loop.
template <class Op, int J, class X, std::size_t... K> X pull_of_declared(X y, const X* a, std::index_sequence<K...>) {
  constexpr tn::Reads reads = tn::reads_of<Op, J>();
  const X rubbish(NAN);
  return tn::rule::pull<Op, J>(X(1), overlap(reads, tn::Reads::output) ? y : rubbish,
                               (overlap(reads, tn::operand_bit(static_cast<int>(K))) ? a[K] : rubbish)...);
}
template <class Op, class X, std::size_t... J>
Outcome evaluate_rule(const double* x, const double* v, std::index_sequence<J...>) {
  const X a[] = {make<X>(x[J], v[J])...};
  const X y = tn::rule::value<Op>(a[J]...);
  Outcome o;
  o.y = number_in(y);
  if constexpr (tn::is_dual_v<X>) o.tangent = number_in(y.tangent);
  if constexpr (requires { y.tangent.tangent; }) {
    o.second = number_in(y.tangent.tangent);
  } else {
    const X dx[] = {pull_of_declared<Op, static_cast<int>(J)>(y, a, std::index_sequence<J...>{})...};
    for (std::size_t j = 0; j < sizeof...(J); ++j) {
      o.dx[j] = number_in(dx[j]);
      if constexpr (tn::is_dual_v<X>) o.dx_tangent[j] = number_in(dx[j].tangent);
    }
  }
  return o;
}
using Evaluate = Outcome (*)(const double* x, const double* v);
struct RuleOn {
  const char* on;
  Evaluate evaluate;
  int order;         ///< how often it was dualised: 0, 1, 2
  double tolerance;  ///< relative
  bool single;       ///< computes in float
};
template <class Op, int N, class X> RuleOn rule_on(const char* name, int order, bool single) {
  return {name,
          [](const double* x, const double* v) { return evaluate_rule<Op, X>(x, v, std::make_index_sequence<N>{}); },
          order, single ? 1e-4 : 1e-8, single};
}
template <class Op, int N> std::vector<RuleOn> rules_of() {
  using tn::Dual, tn::simd::Batch;
  return {rule_on<Op, N, double>("double", 0, false),
          rule_on<Op, N, Batch<double>>("lanes of double", 0, false),
          rule_on<Op, N, Batch<float>>("lanes of float", 0, true),
          rule_on<Op, N, Dual<double>>("dual", 1, false),
          rule_on<Op, N, Dual<Batch<float>>>("dual lanes of float", 1, true),
          rule_on<Op, N, Dual<Dual<double>>>("dual of dual", 2, false)};
}

/// d/dt and d^2/dt^2 of f(x + t v) at t = 0, by five points: the error is of order h^4 = 1e-14.
inline long double along(Reference f, int n, const double* x, const double* v, int order) {
  const long double h = 3e-4L;
  auto at = [&](int k) {
    long double p[max_operands];
    for (int j = 0; j < n; ++j) p[j] = static_cast<long double>(x[j]) + h * k * static_cast<long double>(v[j]);
    return f(p);
  };
  if (order == 1) return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
  return (16 * (at(1) + at(-1)) - (at(2) + at(-2)) - 30 * at(0)) / (12 * h * h);
}
/// d/dt of the partial derivative for operand j, in the direction v.
inline long double along_partial(Reference f, int n, const double* x, const double* v, int j) {
  double plus[max_operands], minus[max_operands];
  for (int i = 0; i < n; ++i) (plus[i] = (i == j) + v[i], minus[i] = (i == j) - v[i]);
  return (along(f, n, x, plus, 2) - along(f, n, x, minus, 2)) / 4;
}

inline void check_close(const char* what, const char* on, const double* x, int n, double got, long double want,
                        double tolerance) {
  if (std::abs(got - want) <= tolerance * (1 + std::abs(want))) return;
  std::string at;
  for (int j = 0; j < n; ++j) at += (j ? ", " : "") + std::to_string(x[j]);
  FAIL_CHECK(what << " on " << on << " at (" << at << ") is " << got << ", not " << want);
}
inline void check_rule(const std::vector<RuleOn>& rules, int n, Reference truth, const Domain* domain) {
  const double v[max_operands] = {1, -0.5, 0.25};
  for (Index k = 0; k < 24; ++k) {
    double x[max_operands] = {};
    for (int j = 0; j < n; ++j) x[j] = domain[j].point(k, j);
    const long double first = along(truth, n, x, v, 1), second = along(truth, n, x, v, 2);
    for (const RuleOn& r : rules) {
      const Outcome o = r.evaluate(x, v);
      long double p[max_operands] = {x[0], x[1], x[2]};
      check_close("value", r.on, x, n, o.y, truth(p), r.tolerance);
      if (r.order >= 1) check_close("tangent", r.on, x, n, o.tangent, first, r.tolerance);
      if (r.order == 2) check_close("second derivative", r.on, x, n, o.second, second, 100 * r.tolerance);
      for (int j = 0; j < n && r.order < 2; ++j) {
        double e[max_operands] = {};
        e[j] = 1;
        check_close("partial derivative", r.on, x, n, o.dx[j], along(truth, n, x, e, 1), r.tolerance);
        if (r.order == 1)
          check_close("tangent of a partial derivative", r.on, x, n, o.dx_tangent[j], along_partial(truth, n, x, v, j),
                      100 * r.tolerance);
      }
    }
  }
}

/// Everything there is to check of an elementwise op with a derivative. f: `[](const auto& x, ...) { return op(x, ...);
/// }`; truth: the same on long double; one domain an operand, none of them across a kink that points may come near.
template <class Op, class F, class Truth, class... D>
void check_elementwise(F f, Truth truth, Accuracy accuracy, D... domains) {
  constexpr int n = sizeof...(D);
  const Domain domain[] = {domains...};
  check_values_of<float>(f, truth, accuracy, domains...);
  check_values_of<double>(f, truth, accuracy, domains...);
  check_rule(rules_of<Op, n>(), n, reference_of<n>(truth), domain);
}

// ---- special values
/// Op at x is y, exactly, and its partial derivatives are dx (none given: not asked).
struct Edge {
  std::vector<double> x;
  double y;
  std::vector<double> dx = {};
};
inline void check_edge_rows(const std::vector<RuleOn>& rules, const std::vector<Edge>& edges) {
  for (const Edge& e : edges)
    for (const RuleOn& r : rules) {
      if (r.order > 0) continue;
      const double v[max_operands] = {};
      const Outcome o = r.evaluate(e.x.data(), v);
      const auto rounded = [&](double t) { return r.single ? static_cast<double>(static_cast<float>(t)) : t; };
      INFO("at " << e.x[0] << (e.x.size() > 1 ? ", " + std::to_string(e.x[1]) : "") << " on " << r.on);
      if (!same(o.y, rounded(e.y))) FAIL_CHECK("the value is " << o.y << ", not " << e.y);
      for (std::size_t j = 0; j < e.dx.size(); ++j)
        if (!same(o.dx[j], rounded(e.dx[j])))
          FAIL_CHECK("derivative " << j << " is " << o.dx[j] << ", not " << e.dx[j]);
    }
}
template <class Op, int N> void check_edges(const std::vector<Edge>& edges) {
  check_edge_rows(rules_of<Op, N>(), edges);
}

}  // namespace tenon_test
