// Trains a small network on images and shows what it has learned: hand-written digits (default) or Fashion-MNIST.
//   sh examples/run.sh            sh examples/run.sh fashion --model cnn            sh examples/run.sh digits --help
// TEST: digits --epochs 30 --seed 1 --out .
// TEST: digits --epochs 2 --out . --checkpoint digits.safetensors
// TEST: --help
#include <cmath>
#include <cstdio>
#include <exception>

#include "allocations.hpp"
#include "curves.hpp"
#include "images.hpp"
#include "networks.hpp"
#include "options.hpp"
#include "pictures.hpp"
#include "tenon/data/batches.hpp"
#include "tenon/io/checkpoint.hpp"
#include "tenon/op/argmax.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/schedule.hpp"
#include "tenon/simd/build_info.hpp"
#include "tenon/train.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace tn = tenon;
using tn::Index;

namespace {

/// What a network makes of a set of images.
struct Evaluation {
  explicit Evaluation(std::vector<std::string> classes) : confusion(std::move(classes)) {}
  double loss = 0;  ///< mean cross-entropy
  tn::train::ConfusionMatrix confusion;
  std::vector<Index> predictions;
};

Evaluation evaluate(const Network& net, const Images::Part& set, std::vector<std::string> classes, tn::Arena& arena) {
  Evaluation e(std::move(classes));
  for (auto [images, labels] : tn::data::batches(set, 500)) {
    tn::Scope scope(arena);
    tn::Value scores = net(scope.input(images));
    e.loss +=
        tn::cross_entropy(scores, labels).item() * static_cast<double>(labels.size()) / static_cast<double>(set.size());
    tn::Value best = tn::argmax(scores, tn::axis<1>);
    e.confusion.add(best, labels);
    e.predictions.insert(e.predictions.end(), best.begin(), best.end());
  }
  return e;
}

/// What the images were divided by into those to train and to test with: no checkpoint of another seed is taken.
struct Seed {
  struct State {
    std::uint64_t seed;
  };
  State state() const { return {seed}; }
  void check_state(State other) const {
    if (other.seed != seed)
      throw tn::ValueError({}, "that training had --seed " + std::to_string(other.seed), "give the seed it began with");
  }
  void set_state(State) {}
  std::uint64_t seed;
};

struct Training {
  tn::train::Log curves = new_curves();
  std::ptrdiff_t allocations_in_last_step = 0;
  bool interrupted = false;
};

Training train(Network& net, const Images& data, const Options& options, tn::Rng& rng, tn::Arena& arena) {
  Training result;
  tn::train::Interrupt interrupt;
  auto batches = tn::data::batches(data.train, options.batch_size, rng);
  auto adam = tn::optim::Adam(net, {.learning_rate = options.learning_rate});
  const tn::optim::Cosine schedule{.learning_rate = options.learning_rate, .steps = options.epochs * batches.count()};
  Index epoch = 0, number = 0;  // that are done
  Seed seed{options.seed};
  auto all =
      tn::io::checkpoint("model", net, "adam", adam, "batches", batches, "seed", seed, "epoch", epoch, "step", number);
  if (!options.resume.empty()) {
    all.load(options.resume);
    std::printf("resumed  %s after %td epochs, %td steps\n\n", options.resume.c_str(), epoch, number);
  }
  tn::train::Progress progress(options.epochs, batches.samples(), {.epochs_done = epoch});
  while (epoch < options.epochs && !result.interrupted) {
    progress.begin_epoch();
    auto allocations = heap_allocations();
    for (auto [images, labels] : batches) {
      {
        tn::Step step(arena, net);
        auto scores = net(step.input(images));
        auto loss = tn::cross_entropy(scores, labels);
        tn::train::require_finite(loss.item(), number, step);
        progress.add(loss.item(), labels.size(), tn::train::correct_count(scores, labels));
        std::move(step).backward(loss);
        adam.set_learning_rate(schedule(number++));
        adam.update(net);
      }
      result.allocations_in_last_step = heap_allocations() - allocations;
      allocations = heap_allocations();
      if ((result.interrupted = interrupt.requested())) break;
    }
    const double loss = progress.loss(), accuracy = progress.accuracy(), rate = progress.rate();
    const auto shown = static_cast<double>(epoch + 1);
    if (!result.interrupted) ++epoch;  // else it goes on with its next batch when the training is resumed
    if (!options.checkpoint.empty()) all.save(options.checkpoint);
    if (std::isnan(loss)) continue;  // the training was stopped, and resumed, at the end of an epoch
    const auto validation = evaluate(net, data.validation, data.classes, arena);
    char note[40];
    std::snprintf(note, sizeof note, "validation %4.1f %%%s", 100 * validation.confusion.accuracy(),
                  options.checkpoint.empty() ? "" : ", saved");
    progress.end_epoch(note);
    result.curves.add({shown, loss, accuracy, validation.loss, validation.confusion.accuracy(), rate});
  }
  return result;
}

/// Some images of the test set: the first ones, or the first that were taken for something else.
std::vector<Picture> pictures(const Images& data, const Evaluation& test, bool mistakes) {
  std::vector<Picture> chosen;
  for (Index i = 0; i < data.test.size() && chosen.size() < 12; ++i) {
    const auto truth = static_cast<Index>(data.test.label(i)), said = test.predictions[static_cast<std::size_t>(i)];
    if (mistakes && said == truth) continue;
    const auto name = [&](Index k) { return data.classes[static_cast<std::size_t>(k)]; };
    Picture p{.title = name(said)};
    const auto sample = data.test.sample(i);
    for (Index k = 0; k < sample.size(); ++k) p.pixels.push_back(sample(k) * data.deviation + data.mean);
    while (p.side * p.side < sample.size()) ++p.side;
    if (said != truth) p.remark = "no: " + name(truth);
    chosen.push_back(std::move(p));
  }
  return chosen;
}

void run(const Images& data, const Options& options, tn::Rng& rng) {
  std::printf("data     %s\n         %td images to train, %td to validate, %td to test, %zu classes\n",
              data.title.c_str(), data.train.size(), data.validation.size(), data.test.size(), data.classes.size());
  Network net = Network::of(options.model, data.train.sample(0).size());
  tn::nn::init(net, rng);
  std::printf("network  %s, %td parameters\n", net.description.c_str(), tn::parameter_count(net));
  std::printf("training Adam, learning rate %g falling along a cosine, %ld images a step\n\n", options.learning_rate,
              options.batch_size);

  tn::Arena arena;
  const Training training = train(net, data, options, rng, arena);
  if (training.interrupted) std::printf("stopped after the current step\n");

  const Evaluation test = evaluate(net, data.test, data.classes, arena);
  const auto terminal = tn::train::Terminal::of(stdout);
  std::printf("\ntest     %.2f %% of %td images right, loss %.4f\n\n", 100 * test.confusion.accuracy(),
              test.confusion.total(), test.loss);
  std::printf("what images of each class (rows) were taken for (columns)\n%s\n", test.confusion.to_string().c_str());
  std::printf("the first test images\n%s", draw_pictures(pictures(data, test, false), terminal).c_str());
  if (test.confusion.correct() < test.confusion.total())
    std::printf("\nthe first mistakes\n%s", draw_pictures(pictures(data, test, true), terminal).c_str());
  std::printf("\nmemory   arena's high water %.2f MB, heap allocations in the last step: %td\n",
              static_cast<double>(arena.statistics().high_water) / 1e6, training.allocations_in_last_step);
  write_curves(training.curves, data.title, options.out);
}

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
    run(options.fashion() ? load_fashion(options.data, rng) : load_digits(options.data, rng), options, rng);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "example_images: %s\n", error.what());
    return 1;
  }
  return 0;
}
