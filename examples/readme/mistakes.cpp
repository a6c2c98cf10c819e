// What goes wrong, and what is said.
#include <iostream>
#include <tenon/tenon.hpp>

#include "readme.hpp"

namespace tn = tenon;

namespace {

float stale_view() {
  // README
  tn::Tensor<float, tn::dyn, 3> t({4, 3});
  auto row = t(0, tn::all);
  t = tn::zeros<float, tn::dyn, 3>(8, 3);  // another storage; the old one ends here
  float first = row(0);
  // END
  return first;
}

void early_update(tn::nn::Linear<3, 1>& net, tn::optim::Adam& adam, const tn::Tensor<float, 4, 3>& x) {
  // README
  tn::Arena arena;
  tn::Step step(arena, net);
  auto loss = mean(square(net(step.input(x))));
  adam.update(net);  // backward is missing
  std::move(step).backward(loss);
  // END
}

template <class F> void report(F f) {
  try {
    f();
    std::cout << "nothing was wrong\n";
  } catch (const tn::Error& error) {
    std::cout << error.what() << '\n';
  }
}

}  // namespace

void mistakes() {
  tn::nn::Linear<3, 1> net;
  tn::optim::Adam adam(net);
  tn::Tensor<float, 4, 3> x;
  report([] { stale_view(); });
  report([&] { early_update(net, adam, x); });
}
