// Out of memory: convolutions, attention and recurrent layers, whose scratch is taken outside the arena.
#include "tenon/autodiff/step.hpp"
#include "tenon/op/attention.hpp"
#include "tenon/op/conv2d.hpp"
#include "tenon/op/lstm.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/pool2d.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/tensor/make.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"
#include "tests/faults/faults.hpp"

namespace faults {
namespace {

using Images = tn::Tensor<float, dyn, dyn, dyn, dyn>;

const Scenario scenarios[] = {
    {"a convolution and a pool, and their gradients",
     [](World& w) {
       tn::Arena arena;
       tn::clear_gradients(w.net);
       tn::Step step(arena, w.net);
       auto filters = tn::reshape(w.net.hidden.weight, {3, 5, 1, 1});
       auto y = tn::max_pool2d(tn::conv2d(step.input(tn::ones<float>(2, 5, 6, 6)), filters, {.stride = 2}), 2);
       std::move(step).backward(tn::sum(y * y));
       if (!w.net.hidden.weight.has_gradient()) throw 1;
     }},
    {"a convolution without a frame",
     [](World&) {
       Images y = tn::conv2d(Images({2, 3, 20, 20}), Images({16, 3, 3, 3}), {.padding = 1});
     }},
    {"attention and its gradients",
     [](World& w) {
       tn::Arena arena;
       tn::clear_gradients(w.net);
       tn::Step step(arena, w.net);
       auto h = tn::eval(tn::reshape(w.net.hidden(step.input(w.x)), {1, 1, 6, 5}));
       std::move(step).backward(tn::sum(tn::attention(h, h, h, {.causal = true})));
       if (!w.net.hidden.weight.has_gradient()) throw 1;
     }},
    {"a recurrent layer and its gradients",
     [](World& w) {
       tn::Arena arena;
       tn::clear_gradients(w.net);
       tn::Step step(arena, w.net);
       auto x = tn::reshape(w.net.hidden(step.input(w.x)), {2, 3, 5});
       auto y = tn::lstm(x, tn::ones<float>(5, 16), tn::ones<float>(4, 16), tn::ones<float>(16));
       std::move(step).backward(tn::sum(y));
       if (!w.net.hidden.weight.has_gradient()) throw 1;
     }},
};
}  // namespace
}  // namespace faults

TEST_CASE("faults: layers when memory runs out", "[faults][layers]") {
  CHECK(faults::check_scenarios(faults::scenarios) > 30);
}
