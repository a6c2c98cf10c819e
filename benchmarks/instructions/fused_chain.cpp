// Instructions of the chains of peers/chains.hpp over 1024 floats, as the hand writes them.
#include <vector>

#include "benchmarks/harness/count.hpp"
#include "benchmarks/peers/chains.hpp"
#include "benchmarks/peers/inputs.hpp"

int main(int argc, char** argv) {
  namespace hand = bench::hand;
  constexpr tenon::Index n = 1024;
  constexpr float a = 0.7f, b = -0.2f, c = 1.3f;
  const auto x = bench::uniform<float>(n, 1, -2, 2), w = bench::uniform<float>(n, 2, -2, 2);
  const auto z = bench::uniform<float>(n, 3, -2, 2);
  std::vector<float> y(n), dx(n), dw(n);
  return bench::Counting()
      .variant("tanh_affine/loop", [&] { hand::tanh_affine<hand::TenonMath>(n, x.data(), a, b, c, y.data()); })
      .variant("tanh_affine/xsimd", [&] { hand::tanh_affine<hand::XsimdMath>(n, x.data(), a, b, c, y.data()); })
      .variant("residual/loop", [&] { return hand::residual(n, x.data(), w.data()); })
      .variant("residual_gradient/loop",
               [&] { return hand::residual_gradient(n, x.data(), w.data(), dx.data(), dw.data()); })
      .variant("arithmetic/loop", [&] { hand::arithmetic(n, x.data(), a, w.data(), z.data(), y.data()); })
      .run(argc, argv);
}
