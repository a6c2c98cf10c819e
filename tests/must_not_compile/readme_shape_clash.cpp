// The mistake that README.md shows, with the lines it quotes. tests/harness/readme_test.sh looks for them there.
// EXPECT-CLANG: undefined template 'tenon::shapes_do_not_match<tenon::Shape<3, 4>, tenon::Shape<4, 3>>'
// EXPECT-GCC: shapes_do_not_match<tenon::[^ ]*Shape<3, 4>, tenon::[^ ]*Shape<4, 3> >
// EXPECT: tenon: shapes do not broadcast; both stand in shapes_do_not_match<\.\.\.> above
#include "tenon/op/add.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tn = tenon;

float clash() {
#ifdef TENON_BAD
  // README
  tn::Tensor<float, 3, 4> a;
  tn::Tensor<float, 4, 3> b;
  tn::Tensor c = a + b;
  // END
#else
  tn::Tensor<float, 3, 4> a;
  tn::Tensor<float, 4, 3> b;
  tn::Tensor c = a + transpose(b);
#endif
  return c(0, 0);
}
