#include "tenon/op/conv1d.hpp"
#include "tenon/op/conv_transpose2d.hpp"
#include "tenon/op/pad.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/op/upsample.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
using Cube = tn::Tensor<double, dyn, dyn, dyn>;
using Images = tn::Tensor<double, dyn, dyn, dyn, dyn>;

Cube cube(Index n, Index c, Index m, double offset) {
  Cube x({n, c, m});
  fill(x, {-1, 1, 0, offset});
  return x;
}
Images images(Index n, Index c, Index h, Index w, double offset) {
  Images x({n, c, h, w});
  fill(x, {-1, 1, 0, offset});
  return x;
}
}  // namespace

TEST_CASE("conv1d: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  const auto f = [](const auto& x, const auto& w) {
    return tn::tanh(tn::conv1d(x, w, {.stride = 2, .padding = 1, .groups = 2}));
  };
  check_first(f, cube(2, 4, 7, 0.1), cube(6, 2, 3, 0.2));
  check_first(f, cube(0, 4, 7, 0.1), cube(6, 2, 3, 0.2));
  check_second(f, cube(2, 4, 7, 0.1), cube(6, 2, 3, 0.2));
}
TEST_CASE("conv_transpose2d: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  const tn::ConvTranspose2dOptions options[] = {
      {}, {.stride = {2, 3}, .padding = {1, 0}, .output_padding = {1, 2}, .dilation = {1, 2}, .groups = 2}};
  for (const auto& o : options) {
    const auto f = [&](const auto& x, const auto& w) { return tn::conv_transpose2d(x, w, o) * 2; };
    check_first(f, images(2, 4, 3, 2, 0.1), images(4, 2, 3, 2, 0.2));
    check_first(f, images(0, 4, 3, 2, 0.1), images(4, 2, 3, 2, 0.2));
    check_second(f, images(2, 4, 3, 2, 0.1), images(4, 2, 3, 2, 0.2));
  }
  check_first([](const auto& a) { return tn::conv_transpose2d(a, a); }, images(2, 2, 3, 3, 0.3));  // one value as both
}
TEST_CASE("interpolate, pad: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  for (const tn::InterpolateOptions o : {tn::InterpolateOptions{},
                                         {.mode = tn::Interpolation::bilinear},
                                         {.mode = tn::Interpolation::bilinear, .align_corners = true}}) {
    const auto f = [&](const auto& x) {
      return tn::interpolate(x * x, {5, 7}, o) * tn::sum(tn::interpolate(x, {2, 1}, o));
    };
    check_first(f, cube(2, 3, 4, 0.1));
    check_second(f, cube(2, 3, 4, 0.1));
    check_first(f, cube(0, 3, 4, 0.1));
  }
  for (const auto mode : {tn::PadMode::reflect, tn::PadMode::replicate, tn::PadMode::circular}) {
    const auto f = [&](const auto& x) { return tn::pad(x * x, {{{0, 0}, {1, 2}, {3, 1}}}, mode) * 2; };
    check_first(f, cube(2, 3, 4, 0.1));
    check_second(f, cube(2, 3, 4, 0.1));
  }
}

}  // namespace tenon_test
