// A static shape whose elements no address space holds.
// EXPECT: the elements overflow the address space
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

constexpr tn::Index large = tn::Index{1} << 31;
#ifdef TENON_BAD
void use(const tn::Tensor<float, large, large>& a) { (void)a.size(); }
#else
void use(const tn::Tensor<float, large, 2>& a) { (void)a.size(); }
#endif
