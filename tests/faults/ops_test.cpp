// Out of memory: expressions and ops, outside frames and in them.
#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/concatenate.hpp"
#include "tenon/op/cumsum.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/mean.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/op/softmax.hpp"
#include "tenon/op/sort.hpp"
#include "tenon/op/subtract.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/tensor/make.hpp"
#include "tenon/tensor/print.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/faults/faults.hpp"

namespace faults {
namespace {

using Matrix = tn::Tensor<float, dyn, dyn>;

const Scenario scenarios[] = {
    {"a fused loop", [](World& w) { Matrix r = tn::tanh(2 * w.x + 1) * w.x; }},
    {"a named expression, used twice",
     [](World& w) {
       auto h = tn::tanh(w.x) + 1;
       Matrix r = h * h;
     }},
    {"a product and what follows it", [](World& w) { Matrix r = tn::relu(tn::matmul(w.x, w.net.hidden.weight) + 1); }},
    {"a product of products",
     [](World& w) { Matrix r = tn::matmul(tn::matmul(w.x, w.net.hidden.weight), w.net.output.weight); }},
    {"a product of matrices that are packed, and its gradients",
     [](World&) {
       tn::Arena arena;
       tn::Step step(arena);
       tn::Value a = step.variable(Matrix({70, 300})), b = step.variable(Matrix({300, 80}));
       const auto g = std::move(step).backward(tn::sum(tn::matmul(a, b)));
       if (g.of(b).size() != 24000) throw 1;
     }},
    {"softmax along rows", [](World& w) { Matrix r = tn::softmax(w.x * 2, tn::axis<1>); }},
    {"a sum, and a mean along an axis",
     [](World& w) {
       tn::Tensor<float> s = tn::sum(w.x * w.x);
       tn::Tensor<float, dyn> m = tn::mean(w.x, tn::axis<0>);
     }},
    {"an assignment that overlaps what it reads",
     [](World&) {
       tn::Tensor<float, 30, 30> a;
       a.mut()(tn::range(1, 30), tn::all) = a(tn::range(0, 29), tn::all) + 1;
       a = tn::transpose(a) + a;
     }},
    {"a tensor that gets another shape",
     [](World& w) {
       Matrix a({2, 2});
       a = w.x + 1;
       a = tn::transpose(w.x);
     }},
    {"rows joined", [](World& w) { Matrix r = tn::concatenate(tn::axis<0>, w.x, w.x * 2); }},
    {"rows sorted", [](World& w) { Matrix r = tn::sort(w.x, tn::axis<0>); }},
    {"running sums", [](World& w) { Matrix r = tn::cumsum(w.x, tn::axis<1>); }},
    {"copies",
     [](World& w) {
       Matrix a = w.x.clone(), b = w.x(tn::range(1, 3), tn::all).clone();
       if (a.to_vector().size() != 18 || b.size() != 6) throw 1;
     }},
    {"two hundred tensors",
     [](World&) {
       std::vector<tn::Tensor<float, 4>> all;
       for (int i = 0; i < 200; ++i) all.emplace_back();
     }},
    {"text of a tensor",
     [](World& w) {
       if (tn::to_string(w.x).empty()) throw 1;
     }},
    {"shapes that do not fit",
     [](World& w) {
       try {
         Matrix r = w.x + w.y;
         throw 1;
       } catch (const tn::ShapeError&) {
       }
     }},
    {"a scope",
     [](World& w) {
       tn::Arena arena;
       tn::Scope scope(arena);
       auto h = tn::tanh(tn::matmul(scope.input(w.x), w.net.hidden.weight));
       tn::Value s = tn::softmax(h, tn::axis<1>);
       Matrix out = s.clone();
     }},
    {"a loop of values in a scope, and one promoted",
     [](World& w) {
       tn::Arena arena;
       tn::Scope outer(arena);
       tn::Value kept = tn::zeros<float>(outer, 6, 3);
       for (int i = 0; i < 3; ++i) {
         tn::Scope inner(arena);
         tn::Value v = tn::tanh(inner.input(w.x) + 1);
         kept = inner.promote(v);
       }
       if (kept.size() != 18) throw 1;
     }},
    {"values that need several chunks",
     [](World&) {
       tn::Arena arena;
       for (int round = 0; round < 2; ++round) {
         tn::Scope scope(arena);
         for (int i = 0; i < 6; ++i) (void)tn::zeros<float>(scope, 100, 100);
       }
     }},
};
}  // namespace
}  // namespace faults

TEST_CASE("faults: expressions and ops when memory runs out", "[faults][ops]") {
  CHECK(faults::check_scenarios(faults::scenarios) > 100);
}
