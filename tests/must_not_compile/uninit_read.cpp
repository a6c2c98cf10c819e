// Fresh storage is not readable until it is filled.
// EXPECT-GCC: no match for call to .*Uninit
// EXPECT-CLANG: type .*Uninit.* does not provide a call operator
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

void use() {
  tn::Uninit<float, 3> u{tn::Shape<3>()};
#ifdef TENON_BAD
  float x = u(0);
#else
  auto t = std::move(u).init_with([](tn::Index i) { return static_cast<float>(i); });
  float x = t(0);
#endif
}
