// Tensors, shapes, expressions.
#include <iostream>
#include <tenon/op.hpp>
#include <tenon/tensor.hpp>

#include "readme.hpp"

namespace tn = tenon;

namespace {

void making(tn::Index n) {
  // README
  tn::Tensor<float, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};  // both extents in the type; braces are elements
  tn::Tensor<float, tn::dyn, 3> b({n, 3});             // rows at run time; a shape stands in parentheses; zeros
  auto c = tn::ones<float, tn::dyn, 3>(n, 3);
  auto d = tn::linspace<double>(0, 1, 5);  // Tensor<double, dyn>; also zeros, full, eye, arange
  tn::Rng rng(42);
  auto e = tn::normal<float>(rng, {n, 3});  // Tensor<float, dyn, dyn>, reproducible from the seed
  auto f = tn::from_vector(std::vector<int>{1, 2, 3, 4}, {2, 2});
  std::cout << a << ' ' << b.shape()[0] << ' ' << d << '\n';
  // END
  // README
  float corner = a(1, 2);                           // an element; positions are checked
  auto left = a(tn::all, tn::range(0, 2));          // a View, shape (2, 2): nothing is copied
  auto back = a(0, tn::range(2, -4, -1));           // Python's rules: from the last element of row 0 to the first
  auto column = a(tn::ellipsis, 1, tn::newaxis);    // shape (2, 1)
  auto flat = reshape(transpose(a.clone()), {-1});  // on a temporary: an expression, which owns it
  b.mut() = a(0, tn::all) + 1;                      // writing: an exclusive borrow; the row broadcasts to (n, 3)
  b.mut()(0, tn::all) = 2 * b(1, tn::all);          // right also where both sides overlap
  b.mut()(1, 2) = 7;
  std::cout << left << ' ' << column.shape()[1] << '\n' << b << '\n';
  // END
  std::cout << corner << back << flat << c.size() << e.size() << f << '\n';
}

}  // namespace

void tensors() { making(4); }

void expressions() {
  tn::Tensor<float, 2, 3> x = {{1, 2, 3}, {4, 5, 6}};
  tn::Tensor<float, 3> w = {1, 2, 3};
  tn::Tensor<float> b = 1;
  // README
  tn::Tensor y = tanh(w * x + b);        // one loop over memory; y is a Tensor<float, 2, 3>
  auto h = w * x + b;                    // lazy: nothing has run
  tn::Tensor z = exp(h) / (1 + exp(h));  // h has a name: evaluated once, on its first use, then read twice
  auto k = w * x + b;
  tn::Tensor u = relu(std::move(k));  // std::move: used up, so its formula joins the loop
  tn::Tensor total = sum(square(x - mean(x, tn::axis<1>, tn::keep_dims)), tn::axis<0>);
  float largest = max(x).item();
  x.mut() = x + 2 * x(1, tn::all);  // reads what it writes: goes through a temporary
  // END
  std::cout << y(0, 0) << ' ' << z(0, 0) << ' ' << u(0, 0) << ' ' << total << ' ' << largest << '\n';
}
