// Trains a small network on images and shows what it has learned: hand-written digits (default) or Fashion-MNIST.
//   sh examples/run.sh            sh examples/run.sh fashion --model cnn            sh examples/run.sh digits --help
// TEST: digits --epochs 30 --seed 1 --out .
// TEST: --help
#include <exception>

#include "convolution.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/simd/build_info.hpp"
#include "training.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace {

template <Index Pixels, Index First, Index Second> struct Classifier {
  static constexpr const char* description = Pixels == 64 ? "64-128-64-10 with relu" : "784-256-128-10 with relu";
  tn::nn::Linear<Pixels, First> first;
  tn::nn::Linear<First, Second> second;
  tn::nn::Linear<Second, 10> output;

  auto operator()(const auto& x) const { return output(tn::relu(second(tn::relu(first(x))))); }
};

void set_threads([[maybe_unused]] int threads) {
#if defined(_OPENMP)
  if (threads > 0) omp_set_num_threads(threads);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  try {
    set_threads(options.threads);
    std::printf("tenon    %s\n", tn::to_string(tn::build_info()).c_str());
    tn::Rng rng(options.seed);
    if (options.model != "mlp") run_convolution(load_fashion(options.data, rng), options, rng);
    else if (options.fashion()) run<Classifier<784, 256, 128>>(load_fashion(options.data, rng), options, rng);
    else run<Classifier<64, 128, 64>>(load_digits(options.data, rng), options, rng);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "example_images: %s\n", error.what());
    return 1;
  }
  return 0;
}
