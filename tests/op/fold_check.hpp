// Reductions against plain loops in long double: every set of axes of a rank-3 array, in any memory layout.
#pragma once

#include "tests/op/check.hpp"

namespace tenon_test {

template <class T> using Cube = tn::View<T, tn::dyn, tn::dyn, tn::dyn>;
/// What a reduction gives for the elements of one result.
using Truth = long double (*)(const std::vector<long double>&);

/// n elements in a buffer, read as a cube whose dimensions lie in memory in the order `order`, every second element
/// when `gaps`.
template <class T> struct CubeOf {
  tn::Tensor<T, tn::dyn> buffer;
  std::array<Index, 3> extent, stride{};
  CubeOf(std::array<Index, 3> e, std::array<int, 3> order, bool gaps, const Domain& d)
      : buffer({2 * e[0] * e[1] * e[2] + 1}), extent(e) {
    auto w = buffer.mut();
    for (Index i = 0; i < buffer.size(); ++i) w.data()[i] = static_cast<T>(d.point(i, 0));
    Index step = gaps ? 2 : 1;
    for (const int dim : {order[2], order[1], order[0]}) {
      stride[static_cast<std::size_t>(dim)] = step;
      step *= e[static_cast<std::size_t>(dim)];
    }
  }
  Cube<T> view() const { return {buffer.data(), {extent[0], extent[1], extent[2]}, stride, buffer.stamp()}; }
};

/// Every result of a reduction over the dimensions in `axes` (bits), in row-major order.
template <class T> std::vector<long double> fold_truth(const CubeOf<T>& x, unsigned axes, Truth truth) {
  Index outer[3], inner[3];
  for (unsigned d = 0; d < 3; ++d) {
    const bool away = ((axes >> d) & 1u) != 0;
    outer[d] = away ? 1 : x.extent[d];
    inner[d] = away ? x.extent[d] : 1;
  }
  std::vector<long double> y;
  auto each = [](const Index* n, auto f) {
    for (Index i = 0; i < n[0]; ++i)
      for (Index j = 0; j < n[1]; ++j)
        for (Index k = 0; k < n[2]; ++k) f(i, j, k);
  };
  each(outer, [&](Index i, Index j, Index k) {
    std::vector<long double> items;
    each(inner, [&](Index p, Index q, Index r) {
      items.push_back(static_cast<long double>(
          x.buffer.data()[(i + p) * x.stride[0] + (j + q) * x.stride[1] + (k + r) * x.stride[2]]));
    });
    y.push_back(truth(items));
  });
  return y;
}

template <class R> struct Folded {
  std::vector<R> y;
  std::string shape;
};
template <class T, class R> struct FoldRun {
  unsigned axes;
  Folded<R> (*run)(const Cube<T>&);
  const char* name;
};

template <class T, class R>
void check_fold_runs(const std::vector<FoldRun<T, R>>& runs, Truth truth, const Domain& d, double tolerance,
                     bool allows_empty) {
  constexpr std::array<Index, 3> shapes[] = {{2, 3, 4},   {1, 1, 1}, {5, 1, 17}, {3, 70, 2},
                                             {2, 2, 300}, {0, 3, 2}, {2, 0, 3},  {3, 2, 0}};
  constexpr std::array<int, 3> orders[] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
  for (const auto& shape : shapes)
    for (const auto& order : orders)
      for (const bool gaps : {false, true}) {
        if (!allows_empty && shape[0] * shape[1] * shape[2] == 0) continue;
        const CubeOf<T> x(shape, order, gaps, d);
        for (const auto& r : runs) {
          const auto want = fold_truth(x, r.axes, truth);
          const Folded<R> got = r.run(x.view());
          INFO(r.name << " of " << tn::to_string(shape.data(), 3) << " order " << order[0] << order[1] << order[2]
                      << " gaps " << gaps << " gives shape " << got.shape);
          REQUIRE(got.y.size() == want.size());
          for (std::size_t i = 0; i < want.size(); ++i) {
            const auto y = static_cast<long double>(got.y[i]);
            if (same(y, want[i])) continue;
            const bool close = std::abs(y - want[i]) <= tolerance * (1 + std::abs(want[i]));
            if (!close) FAIL_CHECK("result " << i << " is " << y << ", not " << want[i]);
          }
        }
      }
}

/// f(x, options...), a reduction, over sets of axes of a cube of T, with dimensions kept and not. Every set when
/// `Full`; the others differ in the loops' strides only, which are not the fold's business.
template <class T, bool Full = false, class F>
void check_fold(F, Truth truth, const Domain& d, double tolerance, bool allows_empty = true) {
  using R = typename std::remove_cvref_t<decltype(F{}(std::declval<const Cube<T>&>()))>::dtype;
  std::vector<FoldRun<T, R>> runs;
  auto add = [&]<class... Options>(unsigned axes, const char* name, Options...) {
    runs.push_back({axes,
                    [](const Cube<T>& x) {
                      const tn::Tensor y = F{}(x, Options{}...);
                      return Folded<R>{std::vector<R>(y.begin(), y.end()), tn::to_string(y.shape())};
                    },
                    name});
  };
  using tn::Axis;
  add(7u, "all");
  add(2u, "axis 1", Axis<1>{});
  add(5u, "axes 2 0, kept", Axis<2, 0>{}, tn::KeepDims{});
  if constexpr (Full) {
    add(7u, "all, kept", tn::KeepDims{});
    add(1u, "axis 0", Axis<0>{});
    add(4u, "axis -1", Axis<-1>{});
    add(3u, "axes 0 1", Axis<0, 1>{});
    add(6u, "axes 1 2", Axis<1, 2>{});
  }
  check_fold_runs<T, R>(runs, truth, d, tolerance, allows_empty);
}

/// A reduction's gradient at rule level: pull against central differences of the truth on a row of n elements.
template <class F, class Fold>
void check_fold_pull(Fold fold, Truth truth, const std::vector<double>& x, double tolerance) {
  std::vector<long double> items(x.begin(), x.end());
  const long double y = truth(items);
  double ties = 0;
  if constexpr (requires { F::counts_ties; })
    for (const double xi : x) ties += F::pull(1.0, xi, static_cast<double>(y), 1.0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double h = 1e-5L;
    auto at = [&](long double by) {
      items[i] = x[i] + by;
      const long double r = truth(items);
      items[i] = x[i];
      return r;
    };
    const long double want = (at(h) - at(-h)) / (2 * h);
    const double got = F::pull(1.0, x[i], static_cast<double>(y), fold(static_cast<Index>(x.size()), ties));
    check_close("gradient", "double", &x[i], 1, got, want, tolerance);
  }
}

}  // namespace tenon_test
