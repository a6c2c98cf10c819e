// What the errors say, word for word: place, what, shapes or names on both sides, since when, and how to fix it. An operator
// cannot record where it stands; error_of checks the line at the end that tells, and leaves it out here. Ops, layers and
// readers have theirs in the files beside this one; that no message is missing in all of them is checked by
// harness/messages_test.sh.
#include "tests/ownership/messages.hpp"

#include <memory>
#include <thread>

#include "tenon/autodiff/functional.hpp"
#include "tenon/autodiff/replicas.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/cast.hpp"
#include "tenon/op/dropout.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/max.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/sum.hpp"
#include "tenon/optim/clip.hpp"
#include "tenon/optim/sgd.hpp"
#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/make.hpp"
#include "tenon/tensor/make_range.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tenon/tensor/spawn.hpp"
#include "tenon/tensor/unsafe_borrow.hpp"

namespace tn = tenon;
using messages::Case, messages::check_all;
using tn::dyn;
using tn::Index;

namespace {

template <Index... E> using F = tn::Tensor<float, E...>;
F<dyn, dyn> table(Index rows, Index columns) { return tn::zeros<float>(rows, columns); }
F<dyn> line(Index n) { return tn::zeros<float>(n); }
struct Net {
  tn::Parameter<float, 3> w = F<3>{1, 2, 3};
};

}  // namespace

TEST_CASE("messages: shapes and positions", "[ownership][messages]") {
  static const Case cases[] = {
      {"tenon::add: shapes (2, 3) and (3, 2) do not broadcast; fix: extents, aligned from the right, must be equal or "
       "1",
       [] { (void)(table(2, 3) + table(3, 2)); }},
      {"F:L: tenon::matmul: a of shape (2, 3) and b of shape (2, 3): a has 3 columns but b has 2 rows; fix: "
       "transpose(a), or transpose(b), swaps the last two dimensions",
       [] { (void)matmul(table(2, 3), table(2, 3)); }},
      {"tenon::Shape: extent 1 is 4 but the type says 3; fix: give the extents that the type names, and 0 or more "
       "where it says dyn",
       [] { (void)tn::Shape<dyn, 3>(2, 4); }},
      {"tenon::Shape: extent 0 is -2; an extent is not negative; fix: give the extents that the type names, and 0 or "
       "more where it says dyn",
       [] { (void)tn::Shape<dyn>(-2); }},
      {"F:L: tenon::Tensor: the shape is (2, 3) but the type asks for (dyn, 4); fix: write dyn where the extent "
       "varies, or give the shape that the type names",
       [] { const F<dyn, 4> t(table(2, 3) + 1); }},
      {"F:L: tenon: a tensor of shape (4294967296, 4294967296) with 4 bytes an element overflows the address space; "
       "fix: check the extents; a product of them may have overflowed before",
       [] {
         (void)F<dyn, dyn>({Index{1} << 32, Index{1} << 32});
       }},
      {"tenon: index 3 is outside dimension 1 of extent 3; fix: positions count from 0, or from the end by -1; "
       "range(first, last) may reach beyond",
       [] { (void)table(2, 3)(0, 3); }},
      {"tenon: a range has a step of 0; fix: give 1, or a negative step to go backwards",
       [] {
         const auto x = line(3);
         (void)x(tn::range(0, 3, 0));
       }},
      {"tenon::assign: shapes (3,) and (2,) do not broadcast; fix: extents, aligned from the right, must be equal or 1",
       [] {
         auto x = line(3);
         x.mut() = line(2);
       }},
      {"tenon::assign: a value of shape (3,) does not fit the destination of shape (1,); fix: give a value whose shape "
       "broadcasts to the destination",
       [] {
         auto x = line(1);
         x.mut() = line(3);
       }},
      {"F:L: tenon::item: the view has shape (3,), not one element; fix: name an element by position, or reduce first, "
       "for example by sum",
       [] { (void)line(3).item(); }},
      {"F:L: tenon::item: the expression has shape (3,), not one element; fix: name an element by position, or reduce "
       "first, for example by sum",
       [] { (void)(line(3) + 1).item(); }},
      {"tenon::View: the elements of this part, of shape (2,), do not lie side by side; fix: iterate over its clone(), "
       "or its to_vector()",
       [] {
         const auto x = table(2, 3);
         (void)x(tn::all, 0).begin();
       }},
      {"F:L: tenon::split: cannot cut shape (3,) at 4 along axis 0; fix: name an axis from 0 on, and a place between 0 "
       "and its extent",
       [] {
         auto x = line(3);
         (void)x.mut().split(0, 4);
       }},
      {"F:L: tenon::allclose: shapes (2,) and (3,) differ; fix: compare tensors of one shape; broadcast_to(x, shape) "
       "repeats",
       [] { (void)tn::allclose(line(2), line(3)); }},
      {"tenon::max: no elements to reduce in shape (0,); fix: check the shape, or give the axes that are not empty",
       [] { (void)max(line(0)).item(); }},
      {"tenon::arange: a step of 0; fix: give a step that is not 0, or linspace(first, last, n)",
       [] { (void)tn::arange(0, 3, 0); }},
      {"tenon::arange: from 0 to 1e+300 by 1 is no finite number of steps; fix: give finite ends and a step that leads "
       "from one to the other",
       [] { (void)tn::arange(0., 1e300, 1.); }},
      {"tenon::arange: 18446744073709551615 elements are more than an Index counts; fix: give a larger step, or ends "
       "that are nearer",
       [] {
         (void)tn::arange(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                          std::int64_t{1});
       }},
      {"tenon: a literal has a row of 1 elements after one of 2; fix: give every row the same number of elements",
       [] {
         (void)F<dyn, dyn>{{1, 2}, {3}};
       }},
      {"tenon: the number 300 is no uint8, the dtype of the tensors it meets; fix: write cast<int64_t>(x) first",
       [] {
         tn::Tensor<std::uint8_t, dyn> x({3});
         x.mut() = 300;
       }},
      {"tenon::unsafe_borrow: a null pointer for elements of shape (3,); fix: give the address of the first element",
       [] { (void)tn::unsafe_borrow(static_cast<float*>(nullptr), 3); }},
      {"tenon::unsafe_borrow: the pointer is no multiple of 4, where a float32 may lie; fix: copy the bytes into a "
       "Tensor",
       [] {
         alignas(8) std::byte raw[16];
         (void)tn::unsafe_borrow(reinterpret_cast<float*>(raw + 1), 3);
       }},
      {"F:L: tenon::Rng::below: n is -4; fix: give 1 or more: else there is no integer in [0, n)",
       [] { tn::Rng(1).below(-4); }},
      {"F:L: tenon::Rng::fill_uniform: the range is 2.000000 to 1.000000; fix: give lo <= hi, both finite and their "
       "difference too",
       [] {
         float x = 0;
         tn::Rng(1).fill_uniform(&x, 1, 2.f, 1.f);
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: other orders and shapes of the same elements", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::squeeze: dimension 0 of shape (2, 3) is not 1; fix: name a dimension of extent 1, or reshape",
       [] { (void)tn::squeeze(table(2, 3), tn::axis<0>); }},
      {"F:L: tenon::reshape: the elements of this view of shape (3, 2) have gaps, or another order, that a view of "
       "shape (6,) cannot follow; fix: reshape a copy: reshape(eval(x), ...)",
       [] {
         const auto x = table(2, 3);
         (void)tn::reshape(transpose(x), {6});
       }},
      {"F:L: tenon::reshape: 6 elements do not fit extents (4, -1); fix: their product must be the number of elements; "
       "one of them may be -1, when the others tell it",
       [] {
         const auto x = table(2, 3);
         (void)tn::reshape(x, {4, -1});
       }},
      {"F:L: tenon::broadcast_to: shape (2, 3) does not broadcast to (4, 3); fix: an extent must stay, or be 1",
       [] {
         const auto x = table(2, 3);
         (void)tn::broadcast_to(x, {4, 3});
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: steps, gradients, optimisers", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::Step::backward: the value has shape (3,) but its seed (2,); fix: give a seed of the shape of the "
       "value",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         tn::Value v = step.variable(line(3));
         std::move(step).backward(v * v, line(2));
       }},
      {"F:L: tenon::jvp: the point has shape (3,) but its direction (2,); fix: give a direction of the shape of the "
       "point",
       [] { (void)tn::jvp([](const auto& x) { return x * x; }, line(3), line(2)); }},
      {"F:L: tenon::promote: there is no frame around this one; fix: clone() the value into a Tensor instead",
       [] {
         tn::Arena arena;
         tn::Scope scope(arena);
         (void)scope.promote(scope.input(line(3)));
       }},
      {"F:L: tenon::dropout: rate is 1.500000, outside [0, 1); fix: give the share of elements that are dropped, for "
       "example 0.1",
       [] {
         tn::Arena arena;
         tn::Scope scope(arena);
         (void)tn::Value(dropout(scope.input(line(3)), 1.5));
       }},
      {"F:L: tenon::optim::SGD: momentum is -1.000000, outside [0.000000, inf); fix: give a number in that range",
       [] {
         tn::Parameter<float, 3> w;
         tn::optim::SGD sgd(w, {.learning_rate = 1, .momentum = -1});
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: handles", "[ownership][messages]") {
  static const Case cases[] = {
      {"tenon::Value: stale handle: its frame (opened at F:L) has ended; fix: clone() or promote() it before the frame "
       "ends",
       [] {
         tn::Arena arena;
         tn::Scope outer(arena);
         tn::Value kept = outer.input(line(3));
         {
           tn::Scope inner(arena);
           kept = inner.input(line(3)) * 2;
         }
         (void)kept(0);
       }},
      {"tenon::View: stale handle: its storage (made at F:L) was freed; fix: clone() it before its owner ends, or move "
       "the owner into the expression",
       [] {
         auto x = std::make_unique<F<dyn>>(F<dyn>({3}));
         const auto view = x->view();
         x.reset();
         (void)view(0);
       }},
      {tn::checks < 2 ? "F:L: tenon::add: stale handle: its storage was freed or filled anew, or its frame has ended; "
                        "fix: clone() or promote() before the owner ends, or move the owner into the expression"
                      : "F:L: tenon::add: stale handle: its storage (made at F:L) was freed; fix: clone() it before "
                        "its owner ends, or move the owner into the expression",
       [] {
         auto x = std::make_unique<F<dyn>>(F<dyn>({3}));
         const auto view = x->view();
         x.reset();
         const auto other = line(3);  // takes the cell
         (void)tn::Tensor(view + 1);
       }},
      {"tenon::element: used after it was moved from, or never made; fix: do not touch a name after std::move, or "
       "clone() first",
       [] {
         auto x = line(3);
         const auto y = std::move(x);
         (void)x(0);
       }},
      {"F:L: tenon::view: used on a thread that does not own it: it belongs to thread N, this is thread N; fix: hand "
       "it over by spawn(f, std::move(x)), or share it: freeze() it, and copy the Frozen on each thread that reads it",
       [] {
         const F<dyn> x({3});
         std::exception_ptr thrown;
         std::thread([&] {
           try {
             (void)x.view();
           } catch (...) {
             thrown = std::current_exception();
           }
         }).join();
         std::rethrow_exception(thrown);
       }},
      {tn::checks < 2 ? "tenon::element: read or written while a MutView of it is open (made at F:L); fix: end the "
                        "MutView first, or split() it into disjoint parts"
                      : "tenon::element: read or written while a MutView of it is open (made at F:L) (borrowed to "
                        "write at F:L); fix: end the MutView first, or split() it into disjoint parts",
       [] {
         F<dyn> x({3});
         const auto open = x.mut();
         (void)x(0);
       }},
      {tn::checks < 2
           ? "tenon::assign: the exclusive borrow that this MutView is part of has ended (made at F:L); fix: keep the "
             "MutView that mut() returned for as long as its parts"
           : "tenon::assign: the exclusive borrow that this MutView is part of has ended (made at F:L) (borrowed to "
             "write at F:L); fix: keep the MutView that mut() returned for as long as its parts",
       [] {
         F<dyn> x({3});
         auto part = [&] {
           auto whole = x.mut();
           return whole(tn::range(0, 2));
         }();
         part = 1;
       }},
      {tn::checks < 2
           ? "F:L: tenon::multiply: a tensor was modified between the expression that reads it and its evaluation "
             "(made at F:L); fix: evaluate the expression first (eval(e), or Tensor t = e), or clone() the tensor"
           : "F:L: tenon::multiply: a tensor was modified between the expression that reads it and its evaluation "
             "(made at F:L) (borrowed to write at F:L); fix: evaluate the expression first (eval(e), or Tensor t = e), "
             "or clone() the tensor",
       [] {
         F<dyn> x({3});
         const auto e = x * 2;
         x.mut() = 1;
         (void)tn::Tensor(e);
       }},
      {"F:L: tenon: an expression was used after it was moved from; fix: use the name before std::move, or keep "
       "eval(e)",
       [] {
         const auto x = line(3);
         auto e = x * 2;
         const tn::Tensor t = std::move(e) + 1;
         (void)tn::Tensor(e);
       }},
      {"F:L: tenon: an expression was used on another thread than the one that built it; fix: evaluate it into a "
       "Tensor first and move that",
       [] {
         const auto x = line(3);
         const auto e = x * 2;
         std::exception_ptr thrown;
         std::thread([&] {
           try {
             (void)tn::Tensor(e);
           } catch (...) {
             thrown = std::current_exception();
           }
         }).join();
         std::rethrow_exception(thrown);
       }},
      {"tenon::spawn: 'argument.1' is still read by an open Step or Scope, or by an expression (made at F:L); fix: end "
       "the frame and the expression first, or hand over a clone()",
       [] {
         F<dyn> x({3});
         tn::Arena arena;
         tn::Scope scope(arena);
         (void)scope.input(x);
         (void)tn::spawn([](F<dyn> t) { return t; }, std::move(x));
       }},
      {"F:L: tenon::replicas: this is a replica itself; fix: make the replicas of the net that it is a replica of",
       [] {
         Net net;
         auto twins = tn::replicas(net, 1);
         (void)tn::replicas(twins[0], 1);
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: frames", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::Step: parameter 'w' is held by an open Step or Scope already (opened at F:L); fix: end that frame "
       "first, or give each Step its own modules",
       [] {
         Net net;
         tn::Arena arena;
         tn::Step step(arena, net);
         tn::Step again(arena, net);
       }},
      {"F:L: tenon::mut: an open Step or Scope (opened at F:L) learns or reads this storage, so it cannot be written; "
       "fix: call std::move(step).backward(loss) first, or end the frame; clone() to change a copy",
       [] {
         Net net;
         tn::Arena arena;
         tn::Step step(arena, net);
         net.w.mut();
       }},
      {"F:L: tenon::Parameter::clear_gradient: an open Step (opened at F:L) learns this parameter; fix: call "
       "std::move(step).backward(loss) first, or end the step",
       [] {
         Net net;
         tn::Arena arena;
         tn::Step step(arena, net);
         net.w.clear_gradient();
       }},
      {"F:L: tenon::Parameter::mut_gradient: an open Step (opened at F:L) learns this parameter; fix: call "
       "std::move(step).backward(loss) first, or end the step",
       [] {
         Net net;
         tn::Arena arena;
         {
           tn::Step step(arena, net);
           std::move(step).backward(sum(net.w));
         }
         tn::Step step(arena, net);
         net.w.mut_gradient();
       }},
      {"F:L: tenon::Parameter::gradient: empty: no backward since it was last used or cleared; fix: call "
       "std::move(step).backward(loss) first",
       [] {
         Net net;
         (void)net.w.gradient();
       }},
      {"F:L: tenon::Step::backward: this step has run backward already (at F:L); fix: open a new Step",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         auto loss = sum(step.variable(line(3)));
         std::move(step).backward(loss);
         std::move(step).backward(loss);
       }},
      {"F:L: tenon::Step::backward: a Step or Scope opened inside this one (at F:L) is still open; fix: end it first",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         auto loss = tn::eval(sum(step.variable(line(3))));
         tn::Scope scope(arena);
         std::move(step).backward(loss);
       }},
      {"F:L: tenon::Step::backward: the loss was not recorded here, so nothing would learn; fix: compute it from the "
       "parameters of the modules given to the Step, or from step.variable(x)",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         std::move(step).backward(sum(step.input(line(3))));
       }},
      {"F:L: tenon::Gradients::of: this value is no variable of the step; fix: make it by step.variable(x)",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         const auto x = step.variable(line(3)), y = step.input(line(3));
         const auto g = std::move(step).backward(sum(x));
         (void)g.of(y);
       }},
      {"F:L: tenon::Gradients::of: two frames are open inside the step, so it can take no memory for a gradient of "
       "zeros; fix: ask before they are opened",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         const auto x = step.variable(line(3)), y = step.variable(line(3));
         const auto g = std::move(step).backward(sum(x));
         tn::Scope one(arena), two(arena);
         (void)g.of(y);
       }},
      {"F:L: tenon::input: two frames are open inside this one, so it can take no memory now; fix: bring the data in "
       "before they are opened, or into the innermost frame",
       [] {
         tn::Arena arena;
         tn::Scope outer(arena), middle(arena), inner(arena);
         (void)outer.input(line(3));
       }},
      {"F:L: tenon::promote: a frame opened inside this one (at F:L) is still open; fix: promote from the innermost "
       "frame",
       [] {
         tn::Arena arena;
         tn::Scope outer(arena), middle(arena);
         const auto x = middle.input(line(3));
         tn::Scope inner(arena);
         (void)middle.promote(x);
       }},
      {"F:L: tenon: this expression was built in an outer frame and is used first in a deeper one (opened at F:L), "
       "where its result would not live as long as its name; fix: evaluate it where it was built: auto h = eval(h)",
       [] {
         tn::Arena arena;
         tn::Scope outer(arena);
         const auto x = outer.input(line(3));
         const auto e = x * 2;
         tn::Scope inner(arena);
         (void)tn::Value(e);
       }},
      {"F:L: tenon::multiply: operands belong to frames of two arenas; fix: make them in one arena, or clone() one of "
       "them",
       [] {
         tn::Arena arena, other;
         tn::Scope one(arena), two(other);
         (void)tn::Value(one.input(line(3)) * two.input(line(3)));
       }},
      {"F:L: tenon::Value: the expression was evaluated outside any frame; fix: begin it with step.input(x) or "
       "scope.input(x), or use Tensor",
       [] {
         Net net;
         (void)tn::Value(net.w * 2);
       }},
      {"F:L: tenon::multiply: an operand was computed from parameters before the Step was there to record it; its "
       "gradient would be lost; fix: compute it inside the Step, or write .detach() to use it as a constant",
       [] {
         Net net;
         tn::Arena arena;
         const auto early = tn::eval(net.w * 2);
         tn::Step step(arena, net);
         (void)tn::Value(early * net.w);
       }},
      {"F:L: tenon: a Tensor made from a recorded expression would cut its gradient; fix: write .detach(), or keep it "
       "with auto or Value",
       [] {
         Net net;
         tn::Arena arena;
         tn::Step step(arena, net);
         (void)tn::Tensor(net.w * 2);
       }},
      {"tenon: a number taken from what a Step records would cut its gradient; fix: write slice(x, i) for an element "
       "that is recorded; x.item() or x.view()(i) to read it all the same",
       [] {
         Net net;
         tn::Arena arena;
         tn::Step step(arena, net);
         (void)net.w(1);
       }},
      {"tenon::cast: a value of 16 bits has no adjoint, so a named one would cut the gradient; fix: cast back in the "
       "same expression, keep the value in float, or write .detach()",
       [] {
         Net net;
         tn::Arena arena;
         tn::Step step(arena, net);
         const auto h = tn::cast<tn::bfloat16>(net.w);
         (void)tn::eval(h * 3);
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: optimisers", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::optim::clip_by_norm: max_norm is -1.000000; fix: give a positive norm",
       [] {
         Net net;
         tn::optim::clip_by_norm(net, -1);
       }},
      {"F:L: tenon::optim::clip_by_norm: parameter 'w' is held by an open Step or Scope (opened at F:L); fix: call "
       "std::move(step).backward(loss) first, or end the frame",
       [] {
         Net net;
         tn::Arena arena;
         tn::Step step(arena, net);
         tn::optim::clip_by_norm(net, 1);
       }},
      {"F:L: tenon::optim::SGD: parameter 'w' is held by an open Step or Scope (opened at F:L); fix: call "
       "std::move(step).backward(loss) first, or end the frame",
       [] {
         Net net;
         tn::optim::SGD sgd(net);
         tn::Arena arena;
         tn::Step step(arena, net);
         sgd.update(net);
       }},
      {"F:L: tenon::optim::SGD: parameter 'w' is none that this optimiser was made for; fix: give update the modules "
       "that its constructor got; make a new optimiser for a new module",
       [] {
         Net net, other;
         tn::optim::SGD(net).update(other);
       }},
      {"tenon::optim::SGD: parameter 'w' is given twice; fix: give update all modules that its constructor got, each "
       "once",
       [] {
         Net net;
         tn::optim::SGD(net).update(net, net);
       }},
      {"F:L: tenon::optim::SGD: 1 parameters given but the optimiser was made for 2; fix: give update all modules that "
       "its constructor got, each once",
       [] {
         struct {
           Net one, two;
         } net;
         tn::optim::SGD(net).update(net.one);
       }},
      {"F:L: tenon::optim::SGD: nesterov without momentum; fix: give a momentum, for example 0.9",
       [] {
         Net net;
         tn::optim::SGD(net, {.nesterov = true});
       }},
  };
  check_all(cases);
}
