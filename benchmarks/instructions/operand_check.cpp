// Instructions of the check that every operand of an expression passes before a loop reads it: that its storage is
// alive, of this thread, not being written, and unchanged since the expression was built.
#include "benchmarks/harness/count.hpp"
#include "tenon/tensor/tensor.hpp"

namespace {

/// The compiler knows nothing about the leaf, as in an expression that was built elsewhere, but its address, in a register.
template <class Leaf> const Leaf& unknown(const Leaf& leaf) {
  const Leaf* p = &leaf;
  asm volatile("" : "+r"(p) : : "memory");
  return *p;
}

}  // namespace

int main(int argc, char** argv) {
  using Array = tenon::Tensor<float, tenon::dyn>;
  const Array x({8});
  const auto leaf = x.as_piece(tenon::Loc{}).operands;
  return bench::Counting()
      .variant("nothing", [&] { return &unknown(leaf); })
      .variant("leaf",
               [&] {
                 const auto& operand = unknown(leaf);
                 operand.check("operand", tenon::Loc{});
                 return &operand;
               })
      .at_most_more("leaf", 9, "nothing")
      .run(argc, argv);
}
