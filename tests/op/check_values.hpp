// Values of an op through expressions, on arrays of every layout, against the formula in long double.
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

}  // namespace tenon_test
