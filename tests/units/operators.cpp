// Mistakes at calls that cannot note their place: tests/harness/called_from_test.sh looks each up by the command it prints.
#include <cstdio>
#include <thread>

#include "tenon/op/add.hpp"
#include "tenon/op/concatenate.hpp"
#include "tenon/tensor/make.hpp"

namespace tn = tenon;

template <class F> static void report(F wrong) {
  try {
    wrong();
  } catch (const tn::Error& error) {
    std::puts(error.what());
  }
}

void mistakes(tn::Index n) {
  tn::Tensor<float, tn::dyn, tn::dyn> a({n, 3}), b({3, n});
  report([&] { (void)(a + b); });                                          // mistake 1
  report([&] { a.mut() = b; });                                            // mistake 2
  report([&] { (void)concatenate(tn::axis<0>, a, b, a); });                // mistake 3
  report([&] { std::thread([&] { report([&] { a(n, 0); }); }).join(); });  // mistake 4
}
