// Trains a network on hand-written digits with several threads, each on its part of every batch. The weights, of which a
// checksum is printed, have the same bits whatever the number of threads.
//   sh examples/run.sh workers            sh examples/run.sh workers --threads 8 --epochs 3
// TEST: --threads 3 --epochs 2
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>

#include "tenon/autodiff/replicas.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/data/batches.hpp"
#include "tenon/data/csv.hpp"
#include "tenon/io/crc64.hpp"
#include "tenon/io/gzip.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/relu.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/tensor/spawn.hpp"
#include "tenon/train/metrics.hpp"

namespace tn = tenon;
using tn::dyn, tn::Index;

namespace {

constexpr Index pixels = 64, classes = 10, batch_size = 64;
/// A batch is always cut into so many parts, and their gradients are added in this order: what one thread or several
/// compute are the same sums.
constexpr Index parts = 8;

struct Net {
  tn::nn::Linear<pixels, 128> hidden;
  tn::nn::Linear<128, classes> output;

  auto operator()(const auto& x) const { return output(tn::relu(hidden(x))); }
};

/// What all threads read.
struct Batch {
  tn::Frozen<float, dyn, pixels> images;
  tn::Frozen<std::int32_t, dyn> labels;
};
/// A replica of the net, and which part of a batch it is for.
struct Part {
  Net net;
  Index number;
  double loss = 0;
};
/// What a thread takes over, and gives back: parts of the work, and an arena, which stays warm from step to step.
struct Worker {
  std::unique_ptr<tn::Arena> arena = std::make_unique<tn::Arena>();
  std::vector<Part> parts;
};

/// The gradients of some parts of a batch: this runs on a thread of its own.
Worker work(Worker worker, Batch batch) {
  const Index size = batch.images.shape()[0];
  for (Part& part : worker.parts) {
    const auto rows = tn::range(size * part.number / parts, size * (part.number + 1) / parts);
    const auto labels = batch.labels(rows);
    tn::Step step(*worker.arena, part.net);
    // A mean over the whole batch is the sum of the parts' means, each by its share.
    auto loss = tn::cross_entropy(part.net(step.input(batch.images(rows))), labels) *
                (static_cast<float>(labels.size()) / static_cast<float>(size));
    part.loss = static_cast<double>(loss.item());
    std::move(step).backward(loss);
  }
  return worker;
}

/// Leaves in `net` the gradients of the batch; gives its loss.
double learn(Net& net, std::vector<Net>& replicas, std::vector<Worker>& workers, const Batch& batch) {
  for (Index k = 0; k < parts; ++k)
    workers[static_cast<std::size_t>(k) % workers.size()].parts.push_back(
        {std::move(replicas[static_cast<std::size_t>(k)]), k});
  std::vector<tn::Thread<Worker>> threads;
  for (Worker& w : workers) threads.push_back(tn::spawn(&work, std::move(w), batch));
  double losses[parts];
  for (std::size_t t = 0; t < threads.size(); ++t) {
    workers[t] = threads[t].get();
    for (Part& part : workers[t].parts) {
      replicas[static_cast<std::size_t>(part.number)] = std::move(part.net);
      losses[part.number] = part.loss;
    }
    workers[t].parts.clear();
  }
  tn::merge_gradients(net, replicas);
  double loss = 0;
  for (double l : losses) loss += l;
  return loss;
}

auto load_digits() {
  const std::string here = __FILE__;
  const std::string file = here.substr(0, here.find_last_of('/') + 1) + "../images/data/digits.csv.gz";
  const auto bytes = tn::io::read_file_or_gzip(file);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return tn::data::from_csv<pixels>(tn::io::parse_csv<float>(text, file), -1, classes, 1.f / 16);
}

std::uint64_t checksum(const Net& net) {
  std::uint64_t sum = 0;
  tn::for_each_parameter(net, [&](const tn::Path&, auto& p) {
    sum = tn::io::crc64(std::as_bytes(std::span(p.value().data(), static_cast<std::size_t>(p.size()))), sum);
  });
  return sum;
}

void run(int threads, int epochs) {
  tn::Rng rng(1);
  const auto digits = load_digits();
  const auto [test, train] = tn::data::split(digits, 0.2, rng);
  auto net = tn::nn::init<Net>(rng);
  auto adam = tn::optim::Adam(net, {.learning_rate = 2e-3});
  auto replicas = tn::replicas(net, parts);
  std::vector<Worker> workers(static_cast<std::size_t>(threads));

  for (int epoch = 1; epoch <= epochs; ++epoch) {
    double loss = 0;
    for (auto [images, labels] : tn::data::batches(train, batch_size, rng)) {
      const Batch batch{tn::freeze(images.clone()), tn::freeze(labels.clone())};
      loss +=
          learn(net, replicas, workers, batch) * static_cast<double>(labels.size()) / static_cast<double>(train.size());
      adam.update(net);
    }
    std::printf("epoch %2d  loss %.4f\n", epoch, loss);
  }

  tn::Arena arena;
  Index right = 0;
  for (auto [images, labels] : tn::data::batches(test, 500)) {
    tn::Scope scope(arena);
    right += tn::train::correct_count(net(scope.input(images)), labels);
  }
  std::printf("\ntest     %td of %td images right\nthreads  %d\nweights  %016llx\n", right, test.size(), threads,
              static_cast<unsigned long long>(checksum(net)));
}

/// A whole number from 1 to 1000 behind `name`, or `usual`.
int option(int argc, char** argv, const char* name, int usual) {
  for (int i = 1; i + 1 < argc; i += 2)
    if (std::strcmp(argv[i], name) == 0) usual = std::atoi(argv[i + 1]);
  return usual;
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = option(argc, argv, "--threads", 2), epochs = option(argc, argv, "--epochs", 10);
  if (threads < 1 || threads > 1000 || epochs < 1 || epochs > 1000) {
    std::fputs("usage: example_workers [--threads 1...1000] [--epochs 1...1000]\n", stderr);
    return 1;
  }
  try {
    run(threads, epochs);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "example_workers: %s\n", error.what());
    return 1;
  }
  return 0;
}
