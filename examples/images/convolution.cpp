#include "convolution.hpp"

#include "tenon/nn/conv2d.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/pool2d.hpp"
#include "tenon/op/relu.hpp"
#include "training.hpp"

namespace {

/// LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86, 1998; with
/// relu and the largest of 2 x 2 where the original has tanh and means.
struct LeNet {
  static constexpr const char* description = "LeNet-5: 6 and 16 channels of 5 x 5, 120-84-10 with relu";
  tn::nn::Conv2d<1, 6, 5> first{{.padding = 2}};
  tn::nn::Conv2d<6, 16, 5> second;
  tn::nn::Linear<400, 120> third;
  tn::nn::Linear<120, 84> fourth;
  tn::nn::Linear<84, 10> output;

  auto operator()(const auto& x) const {
    auto a = tn::max_pool2d(tn::relu(first(tn::reshape<tn::dyn, 1, 28, 28>(x))), 2);
    auto b = tn::max_pool2d(tn::relu(second(a)), 2);
    return output(tn::relu(fourth(tn::relu(third(tn::reshape<tn::dyn, 400>(b))))));
  }
};

struct Cnn {
  static constexpr const char* description = "32 and 64 channels of 3 x 3, 128-10 with relu";
  tn::nn::Conv2d<1, 32, 3> first;
  tn::nn::Conv2d<32, 64, 3> second;
  tn::nn::Linear<9216, 128> third;
  tn::nn::Linear<128, 10> output;

  auto operator()(const auto& x) const {
    auto a = tn::relu(first(tn::reshape<tn::dyn, 1, 28, 28>(x)));
    auto b = tn::max_pool2d(tn::relu(second(a)), 2);
    return output(tn::relu(third(tn::reshape<tn::dyn, 9216>(b))));
  }
};

}  // namespace

void run_convolution(const Images<784>& data, const Options& options, tn::Rng& rng) {
  if (options.model == "lenet") run<LeNet>(data, options, rng);
  else run<Cnn>(data, options, rng);
}
