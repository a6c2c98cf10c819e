// What a backward loop is planned to read and forward to save, straight from the graph's type.
#include "tenon/tensor/graph.hpp"

#include "tenon/op/add.hpp"
#include "tenon/op/divide.hpp"
#include "tenon/op/exp.hpp"
#include "tenon/op/floor.hpp"
#include "tenon/op/greater.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sin.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/op/where.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;

namespace {
using tn::node;
/// An operand that learns, another one, and a constant.
using X = tn::graph::arg<0, float, false, true>;
using Y = tn::graph::arg<1, float, false, true>;
using C = tn::graph::arg<2, float, true, false>;
template <class G> using ValuesOf = tn::graph::Values<typename tn::graph::Collect<tn::graph::list<>, G>::type>;
template <class G> constexpr auto plan_of = tn::graph::Plan<ValuesOf<G>>::make(true);
template <class G> constexpr int saved = plan_of<G>.saved_count;
/// Whether backward needs the value of the operand or node N of G.
template <class G, class N> constexpr bool needs = plan_of<G>.needed[ValuesOf<G>::template index_of<N>()];
}  // namespace

TEST_CASE("graph: backward of a sum reads nothing", "[tensor][graph]") {
  using G = node<tn::Add, X, Y>;
  STATIC_REQUIRE(saved<G> == 0);
  STATIC_REQUIRE_FALSE(needs<G, X>);
  STATIC_REQUIRE_FALSE(plan_of<G>.needs_output);
}
TEST_CASE("graph: backward of a product reads the other factor, where that one's partner learns", "[tensor][graph]") {
  STATIC_REQUIRE(needs<node<tn::Multiply, X, Y>, X>);
  STATIC_REQUIRE(needs<node<tn::Multiply, X, Y>, Y>);
  STATIC_REQUIRE(needs<node<tn::Multiply, C, X>, C>);
  STATIC_REQUIRE_FALSE(needs<node<tn::Multiply, C, X>, X>);
}
TEST_CASE("graph: costly values that a derivative reads are saved, others not", "[tensor][graph]") {
  using Sin = node<tn::Sin, X>;
  STATIC_REQUIRE(saved<node<tn::Multiply, C, Sin>> == 0);  // 2 sin(x): cos(x) reads x alone
  STATIC_REQUIRE(saved<node<tn::Multiply, Y, Sin>> == 1);
  STATIC_REQUIRE(saved<node<tn::Multiply, C, node<tn::Exp, X>>> == 1);
  using Root = node<tn::Tanh, node<tn::Add, X, Y>>;
  STATIC_REQUIRE(saved<Root> == 0);  // its values lie in memory as the result
  STATIC_REQUIRE(plan_of<Root>.needs_output);
  STATIC_REQUIRE_FALSE(needs<Root, X>);
}
TEST_CASE("graph: a quotient keeps its result for the divisor's gradient alone", "[tensor][graph]") {
  using ByConstant = node<tn::Add, node<tn::Divide, X, C>, Y>;
  using ByLearned = node<tn::Add, node<tn::Divide, C, X>, Y>;
  STATIC_REQUIRE(saved<ByConstant> == 0);
  STATIC_REQUIRE(saved<ByLearned> == 1);
}
TEST_CASE("graph: where reads its mask, not its branches", "[tensor][graph]") {
  using Sin = node<tn::Sin, X>;
  using G = node<tn::Where, node<tn::Greater, Y, C>, Sin, Y>;
  STATIC_REQUIRE(saved<G> == 0);
  STATIC_REQUIRE(needs<G, node<tn::Greater, Y, C>>);
  STATIC_REQUIRE_FALSE(needs<G, Sin>);
}
TEST_CASE("graph: nothing is read for what no gradient reaches", "[tensor][graph]") {
  using G = node<tn::Add, node<tn::Floor, node<tn::Exp, X>>, Y>;
  STATIC_REQUIRE(saved<G> == 0);
  STATIC_REQUIRE_FALSE(needs<G, X>);
}
