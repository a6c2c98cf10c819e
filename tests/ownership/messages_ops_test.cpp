// What ops and layers say of operands that do not fit: op, shapes or values on both sides, and how to fix it. Heavier ops
// have theirs beside their other tests.
#include "tenon/nn/batch_norm.hpp"
#include "tenon/nn/conv2d.hpp"
#include "tenon/nn/group_norm.hpp"
#include "tenon/op/argmax.hpp"
#include "tenon/op/concatenate.hpp"
#include "tenon/op/conv1d.hpp"
#include "tenon/op/conv2d.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/dropout.hpp"
#include "tenon/op/embedding.hpp"
#include "tenon/op/huber.hpp"
#include "tenon/op/layer_norm.hpp"
#include "tenon/op/pad.hpp"
#include "tenon/op/pool2d.hpp"
#include "tenon/op/repeat.hpp"
#include "tenon/op/rotary_embedding.hpp"
#include "tenon/op/scan.hpp"
#include "tenon/op/sort.hpp"
#include "tenon/op/split.hpp"
#include "tenon/op/upsample.hpp"
#include "tenon/tensor/make.hpp"
#include "tests/ownership/messages.hpp"

namespace tn = tenon;
using messages::Case, messages::check_all;
using tn::dyn;
using tn::Index;

namespace {

template <Index... E> using F = tn::Tensor<float, E...>;
F<dyn> line(Index n) { return tn::zeros<float>(n); }
F<dyn, dyn> table(Index rows, Index columns) { return tn::zeros<float>(rows, columns); }
F<dyn, dyn, dyn> cube(Index a, Index b, Index c) { return tn::zeros<float>(a, b, c); }
F<dyn, dyn, dyn, dyn> images(Index n, Index c, Index h, Index w) { return tn::zeros<float>(n, c, h, w); }
tn::Tensor<std::int32_t, dyn> classes(std::int32_t value, Index n) { return tn::full<std::int32_t>(value, n); }

}  // namespace

TEST_CASE("messages: convolutions and pools", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::conv2d: x of shape (2, 4, 5, 5) and weight of shape (6, 3, 3, 3): x has 4 channels but the filters "
       "have 3 in 1 group; fix: weight is (out, in / groups, rows, columns); check it, and stride, padding, dilation "
       "and groups",
       [] { (void)tn::conv2d(images(2, 4, 5, 5), images(6, 3, 3, 3)); }},
      {"F:L: tenon::conv2d: x of shape (2, 4, 5, 5) and weight of shape (3, 2, 3, 3): 3 filters do not split into 2 "
       "groups; fix: weight is (out, in / groups, rows, columns); check it, and stride, padding, dilation and groups",
       [] { (void)tn::conv2d(images(2, 4, 5, 5), images(3, 2, 3, 3), {.groups = 2}); }},
      {"F:L: tenon::conv2d: x of shape (2, 4, 5, 5) and weight of shape (3, 4, 6, 3): the filter's rows reach over 6 "
       "but the padded image has 5; fix: weight is (out, in / groups, rows, columns); check it, and stride, padding, "
       "dilation and groups",
       [] { (void)tn::conv2d(images(2, 4, 5, 5), images(3, 4, 6, 3)); }},
      {"F:L: tenon::conv2d: x of shape (2, 4, 5, 5) and weight of shape (3, 4, 3, 3): the filter's columns reach over "
       "7 but the padded image has 5; fix: weight is (out, in / groups, rows, columns); check it, and stride, padding, "
       "dilation and groups",
       [] {
         (void)tn::conv2d(images(2, 4, 5, 5), images(3, 4, 3, 3), {.dilation = {1, 3}});
       }},
      {"F:L: tenon::conv2d: x of shape (2, 4, 5, 5) and weight of shape (3, 4, 3, 3): stride 0, padding 0, dilation 1 "
       "are not all positive (padding: 0 or more); fix: weight is (out, in / groups, rows, columns); check it, and "
       "stride, padding, dilation and groups",
       [] { (void)tn::conv2d(images(2, 4, 5, 5), images(3, 4, 3, 3), {.stride = 0}); }},
      {"F:L: tenon::conv1d: x of shape (2, 4, 5) and weight of shape (3, 4, 7): the filter reaches over 7 but the "
       "padded sequence has 5; fix: check stride, padding and dilation, and that x and weight are (n, in, length) and "
       "(out, in / groups, k)",
       [] { (void)tn::conv1d(cube(2, 4, 5), cube(3, 4, 7)); }},
      {"F:L: tenon::conv1d: x of shape (2, 4, 5) and weight of shape (3, 4, 3): x has 4 channels but the filters have "
       "4 in 2 groups; fix: check stride, padding and dilation, and that x and weight are (n, in, length) and (out, in "
       "/ groups, k)",
       [] { (void)tn::conv1d(cube(2, 4, 5), cube(3, 4, 3), {.groups = 2}); }},
      {"F:L: tenon::conv1d: x of shape (2, 4, 5) and weight of shape (3, 2, 3): 3 filters do not split into 2 groups; "
       "fix: check stride, padding and dilation, and that x and weight are (n, in, length) and (out, in / groups, k)",
       [] { (void)tn::conv1d(cube(2, 4, 5), cube(3, 2, 3), {.groups = 2}); }},
      {"F:L: tenon::conv1d: x of shape (2, 4, 5) and weight of shape (3, 4, 3): stride 1, padding -1, dilation 1 are "
       "not all positive (padding: 0 or more); fix: check stride, padding and dilation, and that x and weight are (n, "
       "in, length) and (out, in / groups, k)",
       [] { (void)tn::conv1d(cube(2, 4, 5), cube(3, 4, 3), {.padding = -1}); }},
      {"F:L: tenon::max_pool2d: x of shape (2, 4, 5, 5): a window of 6 with stride 6 and padding 0 does not slide over "
       "5; fix: give a window, a stride and padding that fit the rows and columns of x",
       [] { (void)tn::max_pool2d(images(2, 4, 5, 5), 6); }},
      {"F:L: tenon::adaptive_avg_pool2d: x of shape (2, 4, 0, 5): 2 windows do not cover 0; fix: give a window, a "
       "stride and padding that fit the rows and columns of x",
       [] { (void)tn::adaptive_avg_pool2d(images(2, 4, 0, 5), 2); }},
      {"F:L: tenon::interpolate: planes of x of shape (3, 0) cannot be brought to 2 rows and 2 columns; fix: give x "
       "and the result at least one row and one column",
       [] {
         (void)tn::interpolate(table(3, 0), {2, 2});
       }},
      {"F:L: tenon::nn::Conv2d: 4 and 6 channels do not split into 3 groups; fix: give channels that are a multiple of "
       "the groups",
       [] { tn::nn::Conv2d<dyn, dyn, 3>(4, 6, {.groups = 3}); }},
      {"F:L: tenon::nn::Conv2d: the options name 4 groups but the type 2; fix: leave groups out of the options, or out "
       "of the type",
       [] { tn::nn::Conv2d<4, 4, 3, float, 2>({.groups = 4}); }},
  };
  check_all(cases);
}
TEST_CASE("messages: normalisation", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::batch_norm: x of shape (2, 4, 3) has 4 channels but weight, bias or a statistic has shape (5,); "
       "fix: give vectors with an element for each channel",
       [] { (void)tn::batch_norm(cube(2, 4, 3), line(4), line(5)); }},
      {"F:L: tenon::batch_norm: x of shape (1, 4, 1) has one element a channel, which has no variance; fix: give two "
       "images at least, or the statistics: batch_norm(x, weight, bias, mean, variance)",
       [] { (void)tn::batch_norm(cube(1, 4, 1), line(4), line(4)); }},
      {"F:L: tenon::batch_norm: epsilon is -1.000000; fix: give 0 or more, for example 1e-5",
       [] { (void)tn::batch_norm(cube(2, 4, 3), line(4), line(4), {.epsilon = -1}); }},
      {"F:L: tenon::layer_norm: x of shape (2, 4) but weight or bias of shape (3,); fix: weight and bias have the "
       "extent of the last dimension of x",
       [] { (void)tn::layer_norm(table(2, 4), line(3), line(4)); }},
      {"F:L: tenon::layer_norm: epsilon is -1.000000; fix: give a positive number, for example 1e-5",
       [] { (void)tn::layer_norm(table(2, 4), line(4), line(4), {.epsilon = -1}); }},
      {"F:L: tenon::group_norm: the channels of x of shape (2, 4, 3) do not split into 3 groups; fix: give channels "
       "that are a multiple of the groups",
       [] { (void)tn::group_norm(cube(2, 4, 3), line(4), line(4), 3); }},
      {"F:L: tenon::nn::GroupNorm: 4 channels do not split into 3 groups; fix: give channels that are a multiple of "
       "the groups",
       [] { tn::nn::GroupNorm<3, dyn>(4); }},
      {"F:L: tenon::nn::BatchNorm: momentum is 2.000000, outside [0, 1]; fix: give a share of each batch, for example "
       "0.1",
       [] { tn::nn::BatchNorm<2>({.momentum = 2}); }},
      {"F:L: tenon::nn::BatchNorm: the running statistics are lent to an open frame (opened at F:L); fix: end it, or "
       "clone() what it reads; this Step changes them",
       [] {
         struct {
           tn::nn::BatchNorm<2> norm;
         } net;
         tn::Arena arena;
         tn::Scope scope(arena);
         (void)scope.input(net.norm.running_mean);
         tn::Step step(arena, net);
         (void)tn::Value(net.norm(step.input(cube(2, 2, 2))));
       }},
  };
  check_all(cases);
}
TEST_CASE("messages: parts, borders, orders", "[ownership][messages]") {
  static const Case cases[] = {
      {"tenon::concatenate: shapes (0, 3) and (2, 3) differ in dimension 0; fix: only the dimension named may differ; "
       "slice, or reshape, one of them",
       [] { (void)tn::concatenate(tn::axis<1>, table(0, 3), table(2, 3)); }},
      {"F:L: tenon::split: 4 equal parts of shape (3, 6, 2) along dimension 1; fix: give a number of parts that "
       "divides the extent, or slice",
       [] { (void)tn::split<4>(cube(3, 6, 2), tn::axis<1>); }},
      {"F:L: tenon::pad: widths 0 and -1 of dimension 1 are not both 0 or more; fix: slice(x, range(first, last)) "
       "takes elements away",
       [] {
         (void)tn::pad(table(2, 2), {{{0, 0}, {0, -1}}});
       }},
      {"F:L: tenon::pad: x of shape (2, 2) has too few elements in dimension 1 for a border of 2; fix: make the border "
       "smaller, or pad with a number",
       [] {
         (void)tn::pad(table(2, 2), {{{0, 0}, {2, 0}}}, tn::PadMode::reflect);
       }},
      {"F:L: tenon::repeat: shape (2, 2), -1 times; fix: give 0 or more",
       [] { (void)tn::repeat(table(2, 2), -1, tn::axis<0>); }},
      {"tenon::argmax: no elements to choose from in shape (2, 0); fix: check the shape, or give an axis that is not "
       "empty",
       [] { (void)tn::argmax(table(2, 0), tn::axis<1>); }},
      {"F:L: tenon::top_k: k is 4 but shape (2, 3) has 3 elements in dimension 1; fix: give k from 0 to that number",
       [] { (void)tn::top_k(table(2, 3), 4, tn::axis<1>); }},
      {"tenon::argsort: 4294967296 elements of 32 bits along the axis; fix: lines of 2^32 elements and more: "
       "cast<double>(x) or cast<int64_t>(x) first",
       [] { tn::detail::check_sortable<float>("argsort", Index{1} << 32, tn::Loc{}); }},
      {"F:L: tenon::embedding: index 4 at (0,) is outside [0, 4); fix: indices count from 0; check the number of rows",
       [] { (void)tn::embedding(table(4, 2), classes(4, 3)); }},
      {"F:L: tenon::rotary_embedding: rows of x of shape (2, 3, 20) do not hold 4 heads of dim 5; fix: give an even "
       "dim that divides the rows, and no more heads than they hold",
       [] { (void)tn::rotary_embedding(cube(2, 3, 20), {.dim = 5}); }},
      {"F:L: tenon::rotary_embedding: base is -1.000000; fix: give a positive number, for example 10000",
       [] { (void)tn::rotary_embedding(cube(2, 3, 20), {.base = -1, .dim = 4}); }},
  };
  check_all(cases);
}
TEST_CASE("messages: losses and loops", "[ownership][messages]") {
  static const Case cases[] = {
      {"F:L: tenon::cross_entropy: logits of shape (5, 10) but labels of shape (4,); fix: logits are (samples, "
       "classes); labels (samples,), probabilities of the shape of the logits",
       [] { (void)tn::cross_entropy(table(5, 10), classes(0, 4)); }},
      {"F:L: tenon::cross_entropy: logits of shape (5, 10) but probabilities of shape (4, 10); fix: logits are "
       "(samples, classes); labels (samples,), probabilities of the shape of the logits",
       [] { (void)tn::cross_entropy(table(5, 10), table(4, 10)); }},
      {"F:L: tenon::cross_entropy: label 12 at row 0 is outside [0, 10); fix: labels count from 0; check the number of "
       "classes",
       [] { (void)tn::cross_entropy(table(5, 10), classes(12, 5)); }},
      {"F:L: tenon::cross_entropy: label_smoothing is 1.500000, outside [0, 1]; fix: give 0 for none, or for example "
       "0.1",
       [] { (void)tn::cross_entropy(table(5, 10), classes(1, 5), {.label_smoothing = 1.5}); }},
      {"F:L: tenon::huber: a prediction of shape (2, 3) but a target of shape (3, 2); fix: reshape one of them; a loss "
       "does not broadcast",
       [] { (void)tn::huber(table(2, 3), table(3, 2)); }},
      {"F:L: tenon::huber: delta is -1.000000; fix: give a positive delta",
       [] { (void)tn::huber(table(2, 3), table(2, 3), -1); }},
      {"F:L: tenon::Step: an op draws random numbers but the step has no generator; fix: open it as Step step(arena, "
       "net, rng)",
       [] {
         tn::Arena arena;
         tn::Step step(arena);
         (void)tn::Value(tn::dropout(step.variable(line(3)), 0.5));
       }},
      {"F:L: tenon::scan: xs of shape (0, 2) has no steps; fix: without a step the outputs have no shape: leave the "
       "scan out",
       [] { (void)tn::scan([](const auto& h, const auto& x) { return std::pair(h + x, x); }, line(2), table(0, 2)); }},
      {"F:L: tenon::scan: step 0 changes the carry from shape (2,) to (4,); fix: return a carry of the shape that was "
       "given",
       [] {
         (void)tn::scan([](const auto& h, const auto& x) { return std::pair(tn::concatenate(tn::axis<0>, h, x), x); },
                        line(2), table(3, 2));
       }},
      {"F:L: tenon::scan: the output of step 1 has shape (3,) but that of the first (2,); fix: return outputs of one "
       "shape",
       [] {
         Index n = 1;
         (void)tn::scan([&](const auto& h, const auto& x) { return std::pair(h + x, line(++n)); }, line(2),
                        table(3, 2));
       }},
  };
  check_all(cases);
}
