// Replicas: they read one value, own their gradients, and give the same bits on any number of threads.
#include "tenon/autodiff/replicas.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/batch_norm.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/spawn.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"
#include "tests/ownership/messages.hpp"

namespace tn = tenon;
using tenon_test::error_of, tenon_test::says;
using tn::dyn, tn::Index;

namespace {
constexpr Index in = 7, classes = 3, parts = 8;

struct Net {
  tn::nn::Linear<dyn, dyn> hidden{in, 11};
  tn::nn::Linear<11, classes> output;
  double scale = 1;

  auto operator()(const auto& x) const { return output(tn::tanh(hidden(x))); }
};
using Table = tn::Frozen<float, dyn, in>;
using Classes = tn::Frozen<std::int32_t, dyn>;

struct Deep {
  std::vector<tn::nn::BatchNorm<2>> norms;
  std::array<tn::Parameter<float, 2>, 2> more;
};

Net make_net() {
  tn::Rng rng(4);
  Net net;
  tn::nn::init(net, rng);
  return net;
}
struct Batch {
  Table x;
  Classes labels;
};
Batch make_batch(Index rows, std::uint64_t seed) {
  tn::Rng rng(seed);
  auto x = tn::uniform<float, dyn, in>(rng, {rows, in}, -1, 1);
  tn::Tensor<std::int32_t, dyn> labels({rows});
  for (Index i = 0; i < rows; ++i) labels.mut()(i) = static_cast<std::int32_t>(rng.below(classes));
  return {tn::freeze(std::move(x)), tn::freeze(std::move(labels))};
}
/// The gradient of rows [first, last) in the mean over all rows.
void learn(Net& net, const Batch& batch, Index first, Index last, tn::Arena& arena) {
  tn::Step step(arena, net);
  const auto share = static_cast<float>(last - first) / static_cast<float>(batch.x.shape()[0]);
  auto loss =
      share * tn::cross_entropy(net(step.input(batch.x(tn::range(first, last)))), batch.labels(tn::range(first, last)));
  std::move(step).backward(loss);
}
/// What a thread takes and gives back: an arena that stays warm, and some of the replicas.
struct Worker {
  std::unique_ptr<tn::Arena> arena = std::make_unique<tn::Arena>();
  std::vector<Net> replicas;
  std::vector<Index> numbers;
};
Worker work(Worker w, const Batch& batch) {
  const Index rows = batch.x.shape()[0];
  for (std::size_t k = 0; k < w.replicas.size(); ++k)
    learn(w.replicas[k], batch, rows * w.numbers[k] / parts, rows * (w.numbers[k] + 1) / parts, *w.arena);
  return w;
}
void step_on_threads(Net& net, std::vector<Net>& replicas, const Batch& batch, std::vector<Worker>& workers) {
  for (std::size_t k = 0; k < replicas.size(); ++k) {
    Worker& w = workers[k % workers.size()];
    w.replicas.push_back(std::move(replicas[k]));
    w.numbers.push_back(static_cast<Index>(k));
  }
  std::vector<tn::Thread<Worker>> threads;
  for (Worker& w : workers) threads.push_back(tn::spawn(&work, std::move(w), batch));
  for (std::size_t t = 0; t < threads.size(); ++t) {
    Worker& w = workers[t] = threads[t].get();
    for (std::size_t k = 0; k < w.replicas.size(); ++k)
      replicas[static_cast<std::size_t>(w.numbers[k])] = std::move(w.replicas[k]);
    w.replicas.clear();
    w.numbers.clear();
  }
  tn::merge_gradients(net, replicas);
}
std::vector<float> weights(const Net& net) {
  std::vector<float> all;
  tn::for_each_parameter(net,
                         [&](const tn::Path&, auto& p) { all.insert(all.end(), p.value().begin(), p.value().end()); });
  return all;
}
std::vector<float> trained(int threads, int steps) {
  Net net = make_net();
  tn::optim::Adam adam(net, {.learning_rate = 0.02});
  auto replicas = tn::replicas(net, parts);
  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  for (int s = 0; s < steps; ++s) {
    step_on_threads(net, replicas, make_batch(s % 5 == 4 ? 13 : 37, static_cast<std::uint64_t>(s)), workers);
    adam.update(net);
  }
  return weights(net);
}
bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}
template <class F> std::string refused(F&& f) { return error_of<tn::OwnershipError>(f); }
Net send_home(tn::Thread<Net>& t) { return t.get(); }
}  // namespace

TEST_CASE("replicas: 1, 2, 3 and 8 threads give the same bits after 50 steps", "[autodiff][replicas][threads]") {
  const auto one = trained(1, 50);
  CHECK_FALSE(same_bits(one, weights(make_net())));
  for (float w : one) CHECK(std::isfinite(w));
  for (int threads : {2, 3, 8}) {
    CAPTURE(threads);
    CHECK(same_bits(trained(threads, 50), one));
  }
}
TEST_CASE("replicas: merged they give the gradient of the whole batch", "[autodiff][replicas][threads]") {
  Net net = make_net();
  const Batch batch = make_batch(37, 1);
  tn::Arena arena;
  learn(net, batch, 0, 37, arena);
  std::vector<float> want;
  tn::for_each_parameter(
      net, [&](const tn::Path&, auto& p) { want.insert(want.end(), p.gradient().begin(), p.gradient().end()); });
  tn::clear_gradients(net);
  auto replicas = tn::replicas(net, parts);
  std::vector<Worker> workers(3);
  for (int times = 1; times <= 2; ++times) {  // the second time it is added to what is there
    step_on_threads(net, replicas, batch, workers);
    std::size_t i = 0;
    double worst = 0;
    tn::for_each_parameter(net, [&](const tn::Path&, auto& p) {
      for (float g : p.gradient())
        worst = std::max(worst, std::abs(static_cast<double>(g - static_cast<float>(times) * want[i++])));
    });
    CHECK(worst < 1e-6);
    CHECK_FALSE(replicas[0].hidden.weight.has_gradient());
  }
}
TEST_CASE("replicas: they see what the net is written, by no copy", "[autodiff][replicas]") {
  Net net = make_net();
  net.scale = 3;
  auto replicas = tn::replicas(net, 2);
  CHECK(replicas[1].scale == 3);
  CHECK(replicas[0].hidden.weight.value().data() == net.hidden.weight.value().data());
  net.hidden.weight.mut()(2, 3) = 42;
  CHECK(replicas[1].hidden.weight(2, 3) == 42);
  auto more = tn::replicas(net, 1);
  net.hidden.weight.mut()(2, 3) = 43;
  CHECK(more[0].hidden.weight(2, 3) == 43);
  replicas.clear();
  net.hidden.weight.mut()(2, 3) = 44;
  CHECK(more[0].hidden.weight(2, 3) == 44);
  CHECK(says(refused([&] { (void)tn::replicas(more[0], 1); }), "tenon::replicas: this is a replica itself"));
  more.clear();
  net.hidden.weight.mut()(2, 3) = 45;
  CHECK(net.hidden.weight(2, 3) == 45);
  CHECK(says(error_of<tn::ValueError>([&] { (void)tn::replicas(net, 0); }),
             "tenon::replicas: 0 replicas; fix: ask for as many as the batch has parts"));
}
TEST_CASE("replicas: what is being read is not written, and the other way round", "[autodiff][replicas][threads]") {
  Net net = make_net();
  tn::optim::Adam adam(net);
  auto replicas = tn::replicas(net, 2);
  auto waiting = replicas[0].output.bias * 2;
  {
    auto m = net.output.bias.mut();
    CHECK(says(refused([&] { (void)replicas[0].output.bias(0); }), "while a MutView of it is open"));
    CHECK(says(refused([&] { (void)tn::spawn([](Net n) { return n; }, std::move(replicas[0])); }),
               "while a MutView of it is open"));
    CHECK(says(refused([&] { (void)tn::replicas(net, 1); }), "while a MutView of it is open"));
    m(0) = 1;
  }
  CHECK(says(refused([&] { (void)tn::Tensor(waiting); }), "was modified between the expression that reads it"));
  CHECK(says(refused([&] { (void)replicas[0].output.bias.mut(); }),
             "tenon::mut: its elements are shared with others that read them, so they cannot be written"));

  const auto before = weights(net);
  auto away = tn::spawn([](Net n) { return n; }, std::move(replicas[1]));
  CHECK(says(refused([&] { net.output.bias.mut(); }), "tenon::mut: a replica of it is on another thread"));
  CHECK(says(refused([&] { adam.update(net); }),
             "tenon::optim::Adam: parameter 'hidden.weight' has a replica that is on another thread; fix: get() the "
             "replicas back from their threads, and end the frames that read them, before the net is written"));
  CHECK(says(refused([&] { adam.update(replicas[0]); }),
             "parameter 'hidden.weight' is one of a replica, which is never written; fix: merge_gradients(net, "
             "replicas), then update(net)"));
  CHECK(says(refused([&] { tn::merge_gradients(net, replicas); }), "used after it was moved from"));
  replicas[1] = send_home(away);
  {
    tn::Arena arena;
    tn::Step step(arena, replicas[1]);
    CHECK(says(refused([&] { adam.update(net); }), "has a replica that is held by an open Step or Scope"));
  }
  adam.update(net);
  CHECK(same_bits(weights(net), before));  // no gradient, so nothing to do
  net.output.bias.mut()(0) = 2;
  CHECK(replicas[1].output.bias(0) == 2);
}
TEST_CASE("replicas: net and replicas may end in any order, on any thread", "[autodiff][replicas][threads]") {
  auto net = std::make_unique<Net>(make_net());
  auto replicas = tn::replicas(*net, 3);
  const float w = net->hidden.weight(0, 0);
  auto dropped = tn::spawn([](Net n) { return n.hidden.weight(0, 0); }, std::move(replicas[0]));
  CHECK(dropped.get() == w);
  net->hidden.weight.mut()(0, 0) = 5;
  net.reset();
  CHECK(replicas[1].hidden.weight(0, 0) == 5);
  CHECK(says(refused([&] { replicas[1].hidden.weight.mut(); }), "shared with others that read them"));
  CHECK(says(refused([&] { replicas[1].hidden.weight.mut(); }),
             "; fix: write the net that this is a replica of, or clone() to change a copy"));
  replicas.pop_back();
  replicas.erase(replicas.begin());
  replicas[0].hidden.weight.mut()(0, 0) = 6;  // the last one is an ordinary net
  CHECK(replicas[0].hidden.weight(0, 0) == 6);
}
TEST_CASE("replicas: merging takes the net's own replicas only, and is all or nothing", "[autodiff][replicas]") {
  Net net = make_net(), other = make_net();
  auto mine = tn::replicas(net, 1), strange = tn::replicas(other, 1);
  tn::Arena arena;
  learn(mine[0], make_batch(5, 2), 0, 5, arena);
  mine.push_back(std::move(strange[0]));
  CHECK(
      says(refused([&] { tn::merge_gradients(net, mine); }),
           "tenon::merge_gradients: parameter 'hidden.weight' is no replica of this net's; fix: give the net and what "
           "replicas(net, n) made of it"));
  CHECK_FALSE(net.hidden.weight.has_gradient());
  CHECK(mine[0].hidden.weight.has_gradient());
  mine.pop_back();
  {
    tn::Step step(arena, net);
    CHECK(says(refused([&] { tn::merge_gradients(net, mine); }), " learns this parameter; fix: "));
  }
  tn::merge_gradients(net, mine);
  CHECK(net.hidden.weight.has_gradient());
}
TEST_CASE("replicas: of modules that make themselves, tensors are their own", "[autodiff][replicas]") {
  Deep net;
  net.norms.emplace_back();
  auto replicas = tn::replicas(net, 1);
  Deep& r = replicas[0];
  r.norms[0].running_mean.mut().fill(3);
  CHECK(net.norms[0].running_mean(0) == 0);
  net.more[1].mut().fill(4);
  net.norms[0].weight.mut().fill(5);
  CHECK(r.more[1](0) + r.norms[0].weight(1) == 9);
}
TEST_CASE("spawn: what a step still reads does not leave", "[autodiff][replicas][spawn]") {
  Net net = make_net();
  tn::Arena arena;
  {
    tn::Step step(arena, net);
    const auto send = [&] { (void)tn::spawn([](Net n) { return n; }, std::move(net)); };
    CHECK(says(refused(send), "tenon::spawn: 'argument.1.hidden.weight' is still read by an open Step or Scope"));
    auto loss = tn::cross_entropy(net(step.input(make_batch(4, 1).x)), make_batch(4, 1).labels);
    std::move(step).backward(loss);
    CHECK(says(refused(send), "is still read by an open Step or Scope"));
    auto box = std::make_unique<tn::Arena>();
    tn::Scope scope(*box);
    CHECK(says(refused([&] { (void)tn::spawn([](std::unique_ptr<tn::Arena> a) { return a; }, std::move(box)); }),
               "tenon::spawn: a Step or Scope of 'argument.1' is open; fix: end it first"));
  }
  net = tn::spawn([](Net n) { return n; }, std::move(net)).get();
  CHECK(net.hidden.weight.has_gradient());  // value and gradient came along
}
// The thread sanitizer refuses threads in a forked child.
TEST_CASE("replicas: a forked child trains to the same bits", "[autodiff][replicas]") {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return;
#endif
#endif
  const auto want = trained(2, 5);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(60);
    _exit(same_bits(trained(3, 5), want) ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("replicas: one is replaced or left out like any module", "[autodiff][replicas]") {
  Net net = make_net();
  auto replicas = tn::replicas(net, 3);
  replicas.erase(replicas.begin());
  replicas[0] = std::move(replicas[1]);
  CHECK(replicas[0].output.bias.value().to_vector() == net.output.bias.value().to_vector());
}
TEST_CASE("replicas: of structs of vectors, which C++ believes can be copied", "[autodiff][replicas]") {
  struct Stack {
    std::vector<tn::nn::Linear<2, 2>> layers;
  };
  Stack stack;
  stack.layers.emplace_back();
  static_assert(std::is_copy_constructible_v<Stack>);
  stack.layers.emplace_back();
  auto replicas = tn::replicas(stack, 2);
  CHECK(replicas[1].layers.size() == 2);
  replicas[1].layers.pop_back();
  CHECK(says(refused([&] { tn::merge_gradients(stack, replicas); }),
             "tenon::merge_gradients: a replica has fewer parameters than the net; fix: give the net and what "
             "replicas(net, n) made of it, unchanged"));
}
TEST_CASE("replicas: a net that ends while it is being written lets them go", "[autodiff][replicas]") {
  auto net = std::make_unique<tn::Parameter<float, 2>>();
  auto replicas = tn::replicas(*net, 2);
  {
    auto open = net->mut();
    open(0) = 3;
    net.reset();
  }
  CHECK(replicas[1].value()(0) == 3);
}
TEST_CASE("freeze: not what an open Step changes", "[autodiff][replicas][spawn]") {
  tn::nn::BatchNorm<2> norm;
  tn::Rng rng(1);
  tn::nn::init(norm, rng);
  tn::Tensor<float, 4, 2> x({{1, 2}, {3, 4}, {5, 6}, {7, 9}});
  tn::Arena arena;
  {
    tn::Step step(arena, norm);
    [[maybe_unused]] const auto y = tn::Value(norm(step.input(x)));
    const std::string said = error_of([&] { tn::freeze(std::move(norm.running_mean)); });
    CHECK(messages::without_lines(said, __FILE__) ==
          "F:L: tenon::freeze: an open Step (opened at F:L) changes this tensor; fix: end the Step first, or "
          "freeze(t.clone())");
  }
  CHECK(tn::freeze(std::move(norm.running_mean)).size() == 2);
}
