#include "tenon/op/add.hpp"
#include "tenon/op/conv2d.hpp"
#include "tenon/op/pool2d.hpp"
#include "tenon/op/tanh.hpp"
#include "tests/autodiff/check_gradient.hpp"

namespace tenon_test {

namespace {
using Images = tn::Tensor<double, dyn, dyn, dyn, dyn>;

Images images(Index n, Index c, Index h, Index w, double offset) {
  Images x({n, c, h, w});
  fill(x, {-1, 1, 0, offset});
  return x;
}
}  // namespace

TEST_CASE("conv2d: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  struct Case {
    Index n, c, h, w, out, kh, kw;
    tn::Conv2dOptions options;
  };
  const Case cases[] = {{2, 3, 7, 8, 5, 3, 3, {}},
                        {1, 4, 9, 8, 6, 3, 2, {.stride = {2, 3}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2}},
                        {2, 2, 5, 5, 4, 5, 5, {.padding = 4}},
                        {1, 3, 6, 6, 2, 2, 2, {.stride = 3, .padding = 1}},
                        {0, 3, 6, 6, 2, 2, 2, {}},
                        {1, 2, 8, 8, 2, 1, 1, {.stride = 2}},
                        {1, 2, 4, 4, 4, 3, 3, {.padding = 2, .dilation = 3, .groups = 2}}};
  for (const Case& k : cases) {
    INFO("filters of " << k.kh << " x " << k.kw << ", stride " << k.options.stride.of[0]);
    const auto x = images(k.n, k.c, k.h, k.w, 0.1), w = images(k.out, k.c / k.options.groups, k.kh, k.kw, 0.2);
    tn::Tensor<double, dyn, 1, 1> bias({k.out, 1, 1});
    fill(bias, {-1, 1});
    const auto f = [&](const auto& a, const auto& b, const auto& c) {
      return tn::tanh(tn::conv2d(a, b, k.options) + c);
    };
    check_first(f, x, w, bias);
    check_second(f, x, w, bias);
  }
  const auto x = images(1, 2, 5, 5, 0.1);  // one value as image and as filter
  check_first([](const auto& a) { return tn::conv2d(a, a, {.padding = 2}); }, images(2, 2, 3, 3, 0.3));
  check_first([&](const auto& a) { return tn::conv2d(x, a); }, images(3, 2, 3, 3, 0.3));
}

TEST_CASE("pool2d: gradients and second derivatives follow differences", "[autodiff][op_gradients]") {
  Images x({2, 2, 5, 7});
  fill(x, {-1, 1, 0.01, 0, true});  // all differ, so that no difference changes which is largest
  const auto check = [&](auto f) {
    check_first(f, x);
    check_second(f, x);
  };
  check([](const auto& a) { return tn::tanh(tn::max_pool2d(a, 2)); });
  check([](const auto& a) { return tn::tanh(tn::max_pool2d(a, 3, {.stride = {1, 2}, .padding = 1})) * 2; });
  tn::Tensor<double, 3, 1, 1> bias;
  fill(bias, {-1, 1});
  const auto w = images(3, 2, 2, 3, 0.2);
  const auto pooled = [](const auto& a, const auto& b,
                         const auto& c) {  // one node for the first, several for the second
    return tn::tanh(tn::max_pool2d(tn::conv2d(a, b, {.padding = 1}) + c, 2));
  };
  check_first(pooled, x, w, bias);
  check_second(pooled, x, w, bias);
  check([](const auto& a) { return tn::tanh(tn::avg_pool2d(a, {3, 2}, {.stride = 2, .padding = 1})); });
  check([](const auto& a) { return tn::tanh(tn::adaptive_avg_pool2d(a, {2, 3})); });
}

}  // namespace tenon_test
