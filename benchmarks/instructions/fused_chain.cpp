// Instructions of the chains of peers/chains.hpp over 1024 floats: as tenon's expressions, and as the hand writes them.
#include <vector>

#include "benchmarks/harness/count.hpp"
#include "benchmarks/op/formulas.hpp"
#include "benchmarks/peers/chains.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "tenon/autodiff/functional.hpp"
#include "tenon/tensor/from_vector.hpp"

int main(int argc, char** argv) {
  namespace hand = bench::hand;
  namespace formulas = bench::formulas;
  using formulas::a, formulas::b, formulas::c;
  constexpr tenon::Index n = 1024;
  using Array = tenon::Tensor<float, tenon::dyn>;
  const Array x = tenon::from_vector(bench::uniform<float>(n, 1, -2, 2));
  const Array w = tenon::from_vector(bench::uniform<float>(n, 2, -2, 2));
  const Array z = tenon::from_vector(bench::uniform<float>(n, 3, -2, 2));
  Array y({n}), dx({n}), dw({n});
  const float *px = x.data(), *pw = w.data(), *pz = z.data();
  float *py = y.mut().data(), *pdx = dx.mut().data(), *pdw = dw.mut().data();
  auto residual_gradient = tenon::value_and_grad(formulas::residual);
  auto tanh_exp_gradient = tenon::value_and_grad(formulas::tanh_exp);
  return bench::Counting()
      .variant("tanh_affine/tenon", [&] { y = formulas::tanh_affine(x); })
      .variant("tanh_affine/loop", [&] { hand::tanh_affine<hand::TenonMath>(n, px, a, b, c, py); })
      .variant("tanh_affine/xsimd", [&] { hand::tanh_affine<hand::XsimdMath>(n, px, a, b, c, py); })
      .variant("arithmetic/tenon", [&] { y = formulas::arithmetic(x, w, z); })
      .variant("arithmetic/loop", [&] { hand::arithmetic(n, px, a, pw, pz, py); })
      .variant("residual/tenon", [&] { return formulas::residual(x, w).item(); })
      .variant("residual/loop", [&] { return hand::residual(n, px, pw); })
      .variant("residual_gradient/tenon", [&] { return residual_gradient(x, w).value; })
      .variant("residual_gradient/loop", [&] { return hand::residual_gradient(n, px, pw, pdx, pdw); })
      .variant("tanh_exp/tenon", [&] { return formulas::tanh_exp(x).item(); })
      .variant("tanh_exp/loop", [&] { return hand::tanh_exp<hand::TenonMath>(n, px, a, b, c); })
      .variant("tanh_exp_gradient/tenon", [&] { return tanh_exp_gradient(x).value; })
      .variant("tanh_exp_gradient/loop", [&] { return hand::tanh_exp_gradient<hand::TenonMath>(n, px, a, b, c, pdx); })
      .at_most_times("tanh_affine/tenon", 1.1, "tanh_affine/loop")
      .no_memory("tanh_affine/tenon")
      .run(argc, argv);
}
