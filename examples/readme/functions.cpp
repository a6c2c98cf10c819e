// Derivatives of functions, and an op of one's own.
#include <iostream>
#include <tenon/autodiff/gradcheck.hpp>
#include <tenon/tenon.hpp>

#include "readme.hpp"

namespace tn = tenon;

// README
namespace mine {

/// y = x / (1 + |x|)
struct Softsign {
  static constexpr std::string_view name = "softsign";
  static constexpr auto derivative_reads = tn::Reads::inputs;  // partial looks at x, not at y
  template <class X> static X value(X x) {
    using std::abs;  // of numbers; those of lanes and duals are found by argument
    return x / (X(1) + abs(x));
  }
  template <int, class X, class Y> static Y partial(X x, Y) {
    using std::abs;
    const X z = X(1) + abs(x);
    return Y(1) / (z * z);
  }
};
auto softsign(tn::tensor_like auto&& x) { return tn::apply<Softsign>(std::forward<decltype(x)>(x)); }

}  // namespace mine
// END

namespace {

void doors() {
  // README
  auto f = [](const auto& x, const auto& w) { return sum(square(x * w - 1)); };
  tn::Tensor<double, 3> x = {1.0, 2.0, 3.0}, w = {1.0, 0.5, 1.0};
  auto [value, gradients] = tn::value_and_grad(f)(x, w);  // a double, and a tuple of tensors
  auto& [gx, gw] = gradients;

  auto g = [](const auto& t) { return sum(t * square(t)); };
  auto slope = tn::grad(g)(x);       // 3 x^2
  auto [y, dy] = tn::jvp(g, x, w);   // forward mode: g(x) and its derivative along w
  auto hw = tn::hvp(g, x, w);        // Hessian times w, without the Hessian
  auto hessian = tn::hessian(g, x);  // (3, 3)
  auto jacobian = tn::jacobian([](const auto& t) { return softmax(t, tn::axis<0>); }, x);
  std::cout << value << gx << gw << '\n' << slope << ' ' << dy << ' ' << hw << '\n' << hessian << '\n';
  std::cout << (tn::gradcheck(f, x, w) ? "gradcheck holds\n" : "gradcheck fails\n");
  // END
  std::cout << y << jacobian << '\n';
}

void own_op() {
  // README
  tn::Tensor<double, 4> x = {-2.0, -0.5, 0.25, 1.0};
  tn::Tensor y = mine::softsign(2 * x) + 1;                                      // fuses like any other
  auto g = tn::grad([](const auto& t) { return sum(mine::softsign(t)); })(x);    // records
  auto h = tn::hvp([](const auto& t) { return sum(mine::softsign(t)); }, x, x);  // and runs on duals
  std::cout << to_string(tn::gradcheck([](const auto& t) { return mine::softsign(t); }, x)) << '\n';
  // END
  std::cout << y << g << h << '\n';
}

}  // namespace

void functions() {
  doors();
  own_op();
}
