// gradcheck: reverse mode, forward mode and central differences must say the same about a function.
#pragma once

#include <cstdio>

#include "tenon/autodiff/functional.hpp"

namespace tenon::inline TENON_ABI {

struct GradcheckOptions {
  double tolerance = 1e-8;  ///< the largest error accepted
  double step = 0x1p-10;    ///< of the differences, times max(1, |x|); a kink must be farther from x than twice that
  Index samples = 64;  ///< elements of each argument that are moved one by one, evenly spread; all move together once
  std::uint64_t seed = 1;  ///< of the weights of the results and of the directions
};

/// The worst that gradcheck found. The error of x against y is |x - y| / max(1, |x| + |y|). Source: Srajer, Kukelova,
/// Fitzgibbon, A benchmark of selected algorithmic differentiation tools, 2018 (ADBench).
struct GradcheckReport {
  bool ok = true;
  Index comparisons = 0;
  double error = -1;
  std::string_view check;  ///< which of the comparisons
  int argument = -1;       ///< -1: the function's result
  Index index = 0;         ///< row-major, in the argument or the result
  double analytic = 0, numeric = 0;

  explicit operator bool() const { return ok; }
};
inline std::string to_string(const GradcheckReport& r) {
  if (r.comparisons == 0) return "gradcheck: nothing to compare, no elements";
  char numbers[128];
  std::snprintf(numbers, sizeof(numbers), "%.17g but differences give %.17g (error %.2g)", r.analytic, r.numeric,
                r.error);
  const std::string place = r.argument < 0 ? std::string("result") : "argument " + std::to_string(r.argument);
  return std::string(r.ok ? "gradcheck holds in " : "gradcheck FAILS, ") + std::to_string(r.comparisons) +
         " comparisons; worst: " + std::string(r.check) + " at element " + std::to_string(r.index) + " of " + place +
         ": " + numbers;
}

namespace autodiff {

/// Gathers comparisons into a report.
struct Gradcheck {
  GradcheckOptions options;
  GradcheckReport report{};

  void compare(std::string_view check, int argument, Index index, double analytic, double numeric) {
    const double size = std::abs(analytic) + std::abs(numeric);
    double error = std::abs(analytic - numeric) / (size > 1 ? size : 1);
    if (error != error) error = HUGE_VAL;  // a NaN agrees with nothing
    ++report.comparisons;
    const bool ok = report.ok && error <= options.tolerance;
    if (error > report.error) report = {ok, report.comparisons, error, check, argument, index, analytic, numeric};
    report.ok = ok;
  }
  void compare(std::string_view check, int argument, Index n, const double* analytic, const double* numeric) {
    for (Index i = 0; i < n; ++i) compare(check, argument, i, analytic[i], numeric[i]);
  }
  /// A derivative against differences of tensors at 2, 1, -1 and -2 steps: five points, an error of order h^4.
  template <class Y>
  void compare_slopes(std::string_view check, int argument, const Y& analytic, const Y& f2, const Y& f1, const Y& b1,
                      const Y& b2) {
    for (Index i = 0; i < analytic.size(); ++i) {
      const double slope = (8 * (f1.data()[i] - b1.data()[i]) - (f2.data()[i] - b2.data()[i])) / (12 * options.step);
      compare(check, argument, i, analytic.data()[i], slope);
    }
  }
  /// The gradient of `value` against differences, x[i] moved for some i.
  template <class V> void move_elements(int argument, Index n, double* x, const double* gradient, V value) {
    const Index every = n > options.samples ? n / options.samples : 1;
    for (Index i = 0; i < n; i += every) {
      const double old = x[i], size = std::abs(old), h = options.step * (size > 1 ? size : 1);
      const auto at = [&](int k) {
        x[i] = old + k * h;
        return value();
      };
      const double slope =
          static_cast<double>((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * static_cast<long double>(h)));
      x[i] = old;
      compare("gradient", argument, i, gradient[i], slope);
    }
  }
};

template <class T, Index... E> Tensor<T, E...> zeros_like(const Tensor<T, E...>& x) {
  return Uninit<T, E...>(x.shape()).init_with([](Index) { return T(0); });
}
/// Numbers in [-1, 1) in the shape of x.
template <class T, Index... E> Tensor<T, E...> direction_like(const Tensor<T, E...>& x, Rng& rng) {
  return Uninit<T, E...>(x.shape()).init_with([&](Index) { return 2 * rng.uniform<T>() - 1; });
}
/// x + t v
template <class T, Index... E>
Tensor<T, E...> moved_along(const Tensor<T, E...>& x, const Tensor<T, E...>& v, double t) {
  return Uninit<T, E...>(x.shape()).init_with(
      [&](Index i) { return x.begin_unchecked()[i] + t * v.begin_unchecked()[i]; });
}
template <class T, Index... E> long double dot(const Tensor<T, E...>& a, const Tensor<T, E...>& b) {
  long double s = 0;
  for (Index i = 0; i < a.size(); ++i)
    s += static_cast<long double>(a.begin_unchecked()[i]) * static_cast<long double>(b.begin_unchecked()[i]);
  return s;
}
template <class T, Index... E>
Argument<-1, T, E...> value_of(const Tensor<T, E...>& x, memory::Stamp frame, Slot* slot) {
  return {x.begin_unchecked(), x.shape(), frame, slot};
}
template <class... X> std::tuple<const X&...> const_tie(const X&... x) { return {x...}; }
/// The elements, to be moved while no borrow is open: f reads the tensor in between.
template <class T, Index... E> T* elements_of(Tensor<T, E...>& x) { return x.mut().data(); }

/// The gradient of sum(u * f(x...)) by the tape: zeros where f does not depend on an argument.
template <class F, class U, class... X, std::size_t... I>
std::tuple<X...> pull_back(const F& f, const U& u, const std::tuple<X...>& x, std::index_sequence<I...>) {
  std::tuple<X...> gradient(zeros_like(std::get<I>(x))...);
  Slot slot[] = {Slot{elements_of(std::get<I>(gradient))}...};
  Arena arena;
  FunctionFrame frame(arena, Loc{});
  const auto y = eval(f(value_of(std::get<I>(x), frame.stamp(), &slot[I])...));
  const auto& root = y.evaluated();
  if constexpr (requires { root.slot(); })
    if (root.slot() != nullptr) frame.reverse(root, u.data(), "gradcheck", Loc{});
  return gradient;
}

/// f(x...), computed as the tape does.
template <class F, class... X, std::size_t... I>
auto recorded_value(const F& f, const std::tuple<X...>& x, std::index_sequence<I...>) {
  Arena arena;
  FunctionFrame frame(arena, Loc{});
  Slot slot[sizeof...(X)];
  const auto y = eval(f(value_of(std::get<I>(x), frame.stamp(), &slot[I])...));
  return as_tensor(y.detach());
}
template <class F, class... X, std::size_t... I>
GradcheckReport gradcheck(GradcheckOptions options, const F& f, std::tuple<X...> x, std::index_sequence<I...> all) {
  static_assert((std::is_same_v<typename X::dtype, double> && ...),
                "tenon::gradcheck: the arguments are double tensors; float is too coarse for differences");
  Gradcheck c{options};
  Rng rng(options.seed);
  const auto y = recorded_value(f, x, all);
  const auto u = direction_like(y, rng);
  const std::tuple<X...> v(direction_like(std::get<I>(x), rng)...);

  const auto gradient = pull_back(f, u, x, all);
  const auto value = [&] { return dot(u, recorded_value(f, x, all)); };
  (c.move_elements(static_cast<int>(I), std::get<I>(x).size(), elements_of(std::get<I>(x)),
                   std::get<I>(gradient).data(), value),
   ...);

  const auto [primal, tangent] = jvp(f, const_tie(std::get<I>(x)...), const_tie(std::get<I>(v)...));
  c.compare("value of duals", -1, y.size(), primal.data(), y.data());
  const auto at = [&](int k) {
    return recorded_value(f, std::tuple<X...>(moved_along(std::get<I>(x), std::get<I>(v), k * options.step)...), all);
  };
  c.compare_slopes("tangent", -1, tangent, at(2), at(1), at(-1), at(-2));
  c.compare("<J^T u, v> against <u, J v>", -1, 0,
            static_cast<double>((0.0L + ... + dot(std::get<I>(gradient), std::get<I>(v)))),
            static_cast<double>(dot(u, tangent)));

  if constexpr (std::remove_cvref_t<decltype(y)>::rank() == 0) {
    const auto both = value_and_grad(f)(std::get<I>(x)...);
    c.compare("value of value_and_grad", -1, 0, both.value, y.item());
    const auto scaled = [&](int k, const auto& own, const auto& by_tape) {
      for (Index i = 0; i < own.size(); ++i)
        c.compare("value_and_grad against the tape", k, i, u.item() * own.data()[i], by_tape.data()[i]);
    };
    if constexpr (sizeof...(X) == 1) scaled(0, both.grad, std::get<0>(gradient));
    else (scaled(static_cast<int>(I), std::get<I>(both.grad), std::get<I>(gradient)), ...);
  }
  return c.report;
}

template <class F, class... X, std::size_t... I>
GradcheckReport gradgradcheck(GradcheckOptions options, const F& f, const std::tuple<X...>& x,
                              std::index_sequence<I...> all) {
  Gradcheck c{options};
  Rng rng(options.seed);
  const auto u = direction_like(recorded_value(f, x, all), rng);
  const std::tuple<X...> v(direction_like(std::get<I>(x), rng)...);
  const auto point = std::tuple(dual_tensor(std::get<I>(x), std::get<I>(v), "gradgradcheck", Loc{})...);
  auto seed = dual_tensor(u, zeros_like(u), "gradgradcheck", Loc{});
  const auto dual = pull_back(f, seed, point, all);
  const auto at = [&](int k) {
    return pull_back(f, u, std::tuple<X...>(moved_along(std::get<I>(x), std::get<I>(v), k * options.step)...), all);
  };
  const auto plain = at(0), f2 = at(2), f1 = at(1), b1 = at(-1), b2 = at(-2);
  const auto one = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
    const auto value = part_of(std::get<K>(dual), false), tangent = part_of(std::get<K>(dual), true);
    c.compare("gradient of duals", static_cast<int>(K), value.size(), value.data(), std::get<K>(plain).data());
    c.compare_slopes("tangent of the gradient", static_cast<int>(K), tangent, std::get<K>(f2), std::get<K>(f1),
                     std::get<K>(b1), std::get<K>(b2));
  };
  (one(std::integral_constant<std::size_t, I>{}), ...);
  return c.report;
}

}  // namespace autodiff

/// Compares, for f of double tensors with a result y of any shape:
///   the gradient of sum(u y), u random, by the tape, with differences: single elements moved;
///   the tangent of y in a random direction v, by duals, with differences: every element of y;
///   <J^T u, v> with <u, J v>, which also sees the elements not moved by themselves;
///   the values that the tape and duals compute, and value_and_grad when y has rank 0.
/// f takes its arguments as const auto&, recorded values or duals, and is called about 4 times for each element moved.
/// Throws what f throws.
template <class F, class... X>
requires(sizeof...(X) > 0 && (requires { typename X::tenon_owner; } && ...)) GradcheckReport
    gradcheck(GradcheckOptions options, const F& f, const X&... x) {
  return autodiff::gradcheck(options, f, std::tuple<X...>(x.clone()...), std::index_sequence_for<X...>{});
}
template <class F, class... X>
requires(sizeof...(X) > 0 && (requires { typename X::tenon_owner; } && ...)) GradcheckReport
    gradcheck(const F& f, const X&... x) {
  return gradcheck(GradcheckOptions{}, f, x...);
}

/// Compares the tangent of the gradient (duals through the reverse pass: what hvp computes) with differences of the
/// gradient, every element of it, in a random direction.
template <class F, class... X>
requires(sizeof...(X) > 0 && (requires { typename X::tenon_owner; } && ...)) GradcheckReport
    gradgradcheck(GradcheckOptions options, const F& f, const X&... x) {
  return autodiff::gradgradcheck(options, f, std::tuple<X...>(x.clone()...), std::index_sequence_for<X...>{});
}
template <class F, class... X>
requires(sizeof...(X) > 0 && (requires { typename X::tenon_owner; } && ...)) GradcheckReport
    gradgradcheck(const F& f, const X&... x) {
  return gradgradcheck(GradcheckOptions{}, f, x...);
}

}  // namespace tenon::inline TENON_ABI
