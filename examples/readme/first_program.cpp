#include "readme.hpp"
#define main first_program  // the snippet is a program; here it is one of several functions

// README
#include <iostream>
#include <tenon/tenon.hpp>
namespace tn = tenon;

int main() {
  std::cout << to_string(tn::build_info()) << '\n';  // "checks 1, avx2 (8 floats at once), 4 threads, g++ 12.2.0"

  tn::Tensor<float, 2, 3> x = {{1, 2, 3}, {4, 5, 6}};
  auto f = [](const auto& t) { return sum(t * square(t) + 1); };
  auto [value, gradient] = tn::value_and_grad(f)(x);
  std::cout << value << '\n' << gradient << '\n';
  return 0;
}
// END
