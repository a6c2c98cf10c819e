// One call checks an elementwise op: values through expressions on arrays of every layout, then the rule's derivative,
// tangent and second derivatives on numbers, lanes and duals, all against the formula in long double.
//
// What depends on the op is a few small functions behind pointers; the loops over layouts and points are compiled once
// a file. check_elementwise is where a check through the tape belongs: every op's test passes there.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"

namespace tenon_test {

namespace tn = tenon;
using tn::Index;
inline constexpr double inf = HUGE_VAL, nan = NAN;

/// Where an operand's values come from: [low, high], multiples of `step` when that is not 0.
struct Domain {
  double low, high, step = 0;
  /// The k-th point for operand j, a float.
  double point(Index k, int j) const {
    const double f = 0.6180339887498949 * static_cast<double>(k + 1) + 0.37 * j,
                 x = low + (high - low) * (f - std::floor(f));
    return static_cast<float>(step > 0 ? std::nearbyint(x / step) * step : x);
  }
};

/// How far a value may be from the truth: ulp units in the last place, or `absolute` for arguments of order 1.
struct Accuracy {
  double ulp = 2, absolute_ulp = 0;
};

inline constexpr int max_operands = 3;
using Reference = long double (*)(const long double*);

template <class F, std::size_t... I> long double call_reference(const long double* x, std::index_sequence<I...>) {
  return static_cast<long double>(F{}(x[I]...));
}
template <int N, class F> Reference reference_of(F) {
  return [](const long double* x) { return call_reference<F>(x, std::make_index_sequence<N>{}); };
}

// ---- values
// -----------------------------------------------------------------------------------------------------------
template <class T> using Rows = tn::View<T, tn::dyn, tn::dyn>;

/// n x m elements of a buffer that is larger, read through one of several layouts.
template <class T> class Operand {
 public:
  static constexpr int layouts = 6;
  static const char* layout_name(int layout) {
    constexpr const char* names[] = {"contiguous", "transposed", "sliced", "reversed", "one row", "one column"};
    return names[layout];
  }
  Operand(Index n, Index m, int layout, const Domain& d, int j) : buffer_({2 * n + 1, 2 * m + 1}) {
    auto w = buffer_.mut();
    for (Index i = 0; i < buffer_.size(); ++i) w.data()[i] = static_cast<T>(d.point(i, j));
    n_ = layout == 4 && n > 0 ? 1 : n;
    m_ = layout == 5 && m > 0 ? 1 : m;
    const Index row = 2 * m + 1;
    switch (layout) {
      case 1:
        strides_ = {1, n};
        break;
      case 2:
        strides_ = {2 * row, 2}, offset_ = 1;
        break;
      case 3:
        strides_ = {-row, -1}, offset_ = buffer_.size() - 1;
        break;
      default:
        strides_ = {m_, 1};
    }
  }
  Rows<T> view() const { return {buffer_.data() + offset_, {n_, m_}, strides_, buffer_.stamp()}; }
  long double at(Index i, Index k) const {
    return static_cast<long double>(
        buffer_.data()[offset_ + (n_ == 1 ? 0 : i) * strides_[0] + (m_ == 1 ? 0 : k) * strides_[1]]);
  }

 private:
  tn::Tensor<T, tn::dyn, tn::dyn> buffer_;
  Index n_, m_, offset_ = 0;
  std::array<Index, 2> strides_{};
};

template <class T, class R> using Run = tn::Tensor<R, tn::dyn, tn::dyn> (*)(const Rows<T>* x);
template <class T, class R, class F, std::size_t... I>
tn::Tensor<R, tn::dyn, tn::dyn> call_op(const Rows<T>* x, std::index_sequence<I...>) {
  return F{}(x[I]...);
}

inline bool same(long double a, long double b) { return a == b || (a != a && b != b); }
/// |y - truth| in units in the last place of T at `truth`.
template <class T> double error_in_ulp(long double y, long double truth) {
  if (same(y, truth)) return 0;
  int exponent = 0;
  std::frexp(truth, &exponent);
  constexpr int digits = std::numeric_limits<T>::digits, lowest = std::numeric_limits<T>::min_exponent;
  return static_cast<double>(std::abs(y - truth) / std::ldexp(1.0L, (exponent > lowest ? exponent : lowest) - digits));
}

/// The first value that is wrong, as text; empty when all are right.
template <class T, class R>
std::string wrong_value(Run<T, R> run, int operands, Reference truth, const Domain* domain, Accuracy accuracy, Index n,
                        Index m, int layout) {
  std::vector<Operand<T>> x;
  std::vector<Rows<T>> views;
  for (int j = 0; j < operands; ++j) x.emplace_back(n, m, (layout + 2 * j) % Operand<T>::layouts, domain[j], j);
  for (const auto& o : x) views.push_back(o.view());
  const auto y = run(views.data());
  Index rows = 1, columns = 1;  // broadcast: the extent that is not 1
  for (const auto& v : views) {
    if (v.shape()[0] != 1) rows = v.shape()[0];
    if (v.shape()[1] != 1) columns = v.shape()[1];
  }
  const std::string where = std::string(Operand<T>::layout_name(layout)) + " " + tn::to_string(y.shape());
  if (y.shape()[0] != rows || y.shape()[1] != columns) return "shape: " + where;
  for (Index i = 0; i < rows; ++i)
    for (Index k = 0; k < columns; ++k) {
      long double at[max_operands];
      for (std::size_t j = 0; j < x.size(); ++j) at[j] = x[j].at(i, k);
      const long double want = truth(at), got = static_cast<long double>(y(i, k));
      if (std::is_same_v<R, bool>
              ? got != want
              : !(error_in_ulp<T>(got, want) <= accuracy.ulp ||
                  std::abs(got - want) <=
                      accuracy.absolute_ulp * static_cast<long double>(std::numeric_limits<T>::epsilon())))
        return where + ": f(" + std::to_string(at[0]) + ", ...) is " + std::to_string(got) + ", not " +
               std::to_string(want) + ", off by " + std::to_string(error_in_ulp<T>(got, want)) + " ulp";
    }
  return "";
}
template <class T, class R>
void check_values(Run<T, R> run, int operands, Reference truth, const Domain* domain, Accuracy accuracy) {
  constexpr Index sizes[][2] = {{0, 4}, {3, 0}, {1, 1}, {1, 3}, {8, 1}, {1, 17}, {3, 11}, {25, 40}};
  for (const auto& s : sizes)
    for (int layout = 0; layout < Operand<T>::layouts; ++layout) {
      const std::string wrong = wrong_value<T, R>(run, operands, truth, domain, accuracy, s[0], s[1], layout);
      INFO(wrong);
      CHECK(wrong.empty());
    }
}
/// Values of f on views of T against the truth. f: a lambda without captures, as is `truth`, on long double.
template <class T, class F, class Truth, class... D>
void check_values_of(F, Truth truth, Accuracy accuracy, D... domains) {
  constexpr int n = sizeof...(D);
  const Domain domain[] = {domains...};
  using Seq = std::make_index_sequence<n>;
  using R = typename std::remove_cvref_t<decltype([]<std::size_t... I>(std::index_sequence<I...>, const Rows<T>* x) {
    return F{}(x[I]...);
  }(Seq{}, nullptr))>::dtype;
  check_values<T, R>([](const Rows<T>* x) { return call_op<T, R, F>(x, Seq{}); }, n, reference_of<n>(truth), domain,
                     accuracy);
}

// ---- the rule
// ----------------------------------------------------------------------------------------------------------
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
    const X dx[] = {tn::rule::pull<Op, static_cast<int>(J)>(X(1), y, a[J]...)...};
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
// -----------------------------------------------------------------------------------------------------
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
