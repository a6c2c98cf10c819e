// A tape is one thread's.
// EXPECT: not_sendable<tenon::[^ ]*Step>
#include "tenon/autodiff/step.hpp"
#include "tenon/tensor/spawn.hpp"

namespace tn = tenon;

#ifdef TENON_BAD
void use(tn::Step& step) {
  tn::spawn([](const auto&) {}, step).join();
}
#else
void use(tn::Step&) {
  tn::spawn([] {
    tn::Arena arena;
    tn::Scope scope(arena);
  }).join();
}
#endif
