#include "tenon/io/checkpoint.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tenon/autodiff/replicas.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/data/batches.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/op/dropout.hpp"
#include "tenon/op/mse.hpp"
#include "tenon/op/tanh.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/sgd.hpp"
#include "tests/catch.hpp"
#include "tests/io/faulty_system.hpp"
#include "tests/io/text_helpers.hpp"

namespace tn = tenon;
using io_test::contains;
using io_test::FaultySystem;
using io_test::Folder;
using io_test::message_of;
using tn::dyn;
using tn::Index;

namespace {

struct Net {
  tn::nn::Linear<dyn, dyn> hidden{3, 5}, output{5, 2};
  tn::Tensor<double, 2> seen;  // state that no optimiser has
  tn::Rng noise{5};

  auto operator()(const auto& x) const { return output(tn::dropout(tn::tanh(hidden(x)), 0.25)); }
};
using Set = tn::data::Dataset<tn::Tensor<float, dyn, dyn>, tn::Tensor<float, dyn, dyn>>;

Set make_set(Index samples) {
  tn::Rng rng(1);
  tn::Tensor<float, dyn, dyn> x({samples, 3}), y({samples, 2});
  rng.fill_normal(x.mut().data(), x.size());
  rng.fill_normal(y.mut().data(), y.size());
  return {std::move(x), std::move(y)};
}

/// All bits of a net.
std::vector<float> bits(const Net& net) {
  std::vector<float> all;
  tn::for_each_state(net, [&](const tn::Path&, const auto& x) {
    if constexpr (tn::is_parameter_v<std::remove_cvref_t<decltype(x)>>) {
      all.insert(all.end(), x.value().begin(), x.value().end());
    } else {
      for (const double v : x) all.push_back(static_cast<float>(v));
    }
  });
  all.push_back(static_cast<float>(net.noise.state().position));
  return all;
}

/// A whole training whose every part can stop at any batch.
struct Training {
  explicit Training(const Set& set, std::uint64_t seed)
      : rng(seed), net(tn::nn::init<Net>(rng)), batches(tn::data::batches(set, 4, rng)), adam(net), arena() {}

  auto checkpoint() {
    return tn::io::checkpoint("net", net, "adam", adam, "batches", batches, "rng", rng, "epoch", epoch, "steps", steps,
                              "decay", decay, "name", name);
  }
  /// Up to `last` steps in all or to the end of epoch 3. Saves after step number `save_at`, and stops there.
  void run(long save_at, const std::string& path) {
    for (; epoch < 3; ++epoch) {
      for (auto [x, y] : batches) {
        {
          tn::Step step(arena, net, rng);
          auto loss = tn::mse(net(step.input(x)), y);
          std::move(step).backward(loss);
          adam.set_learning_rate(adam.learning_rate() * decay);
          adam.update(net);
          net.seen.mut()(0) += net.noise.uniform();
        }
        if (++steps == save_at) return checkpoint().save(path);
      }
    }
  }

  tn::Rng rng;
  Net net;
  tn::data::Batches<tn::data::Subset<tn::Tensor<float, dyn, dyn>, tn::Tensor<float, dyn, dyn>>, dyn> batches;
  tn::optim::Adam adam;
  tn::Arena arena;
  long epoch = 0, steps = 0;
  double decay = 0.9;
  std::string name = "first";
};

int files_in(const std::string& path) {
  int n = 0;
  ::DIR* folder = ::opendir(path.c_str());
  while (const ::dirent* entry = ::readdir(folder)) n += entry->d_name[0] != '.';
  ::closedir(folder);
  return n;
}
}  // namespace

TEST_CASE("checkpoint: a resumed training ends with the bits of one that never stopped", "[io][checkpoint]") {
  const Folder folder;
  const Set set = make_set(10);  // batches of 4, 4 and 2
  Training whole(set, 7);
  whole.run(-1, "");
  REQUIRE(whole.steps == 9);
  for (long stop = 1; stop <= 9; ++stop) {  // in the middle of an epoch, and after its last batch
    INFO(stop);
    Training first(set, 7);
    first.run(stop, folder / "run");
    Training second(set, 1000);
    second.name = "second", second.decay = 0;
    second.checkpoint().load(folder / "run");
    CHECK(second.steps == stop);
    CHECK(second.name == "first");
    CHECK(second.adam.learning_rate() == first.adam.learning_rate());
    second.run(-1, "");
    CHECK(second.steps == 9);
    CHECK(bits(second.net) == bits(whole.net));
    CHECK(second.rng == whole.rng);
    CHECK(second.adam.learning_rate() == whole.adam.learning_rate());
  }
}

TEST_CASE("checkpoint: the position in the data is that of the next batch", "[io][checkpoint]") {
  const Set set = make_set(10);
  tn::Rng a(3), b(99);
  auto batches = tn::data::batches(set, 3, a), other = tn::data::batches(set, 3, b);
  auto in_order = tn::data::batches(set, 3), shorter = tn::data::batches(set, 2, b);
  const auto before = batches.state();
  std::vector<float> rest;
  decltype(batches.state()) middle{};
  int n = 0;
  for (auto [x, y] : batches) {
    if (n++ == 1) middle = batches.state();
    else if (n > 2) rest.insert(rest.end(), x.begin(), x.end());
  }
  CHECK(middle.next == 6);
  const auto after = batches.state();
  CHECK(after.next == 0);
  CHECK(after.position == before.position + 1);
  other.set_state(middle);
  CHECK(other.state().next == 6);
  std::vector<float> resumed;
  for (auto [x, y] : other) resumed.insert(resumed.end(), x.begin(), x.end());
  CHECK(resumed == rest);
  CHECK(other.state().position == after.position);
  CHECK(contains(message_of([&] { in_order.set_state(middle); }), "10 samples, 3 a batch, shuffled, but these are"));
  CHECK(contains(message_of([&] { shorter.set_state(middle); }), "10 samples, 2 a batch"));
  auto wrong = middle;
  wrong.next = 11;
  CHECK_THROWS_AS(other.set_state(wrong), tn::ValueError);
  wrong.next = -1;
  CHECK_THROWS_AS(other.set_state(wrong), tn::ValueError);
}

TEST_CASE("checkpoint: a failed load changes nothing", "[io][checkpoint]") {
  const Folder folder;
  const Set set = make_set(10);
  Training saved(set, 7), held(set, 8);
  saved.run(2, folder / "run");
  held.run(4, folder / "other");
  const auto before = bits(held.net);
  const auto good = tn::io::read_file(folder / "run");
  const auto refused = [&](const std::string& path) {
    const auto result = held.checkpoint().try_load(path);
    REQUIRE_FALSE(result);
    if (bits(held.net) != before || held.steps != 4 || held.name != "first") FAIL("changed by " << path);
    return std::string(result.error().what());
  };
  const std::string bad = folder / "bad";
  for (std::size_t i = 0; i < good.size(); i += 7) {
    auto bytes = good;
    bytes[i] ^= std::byte{4};
    tn::io::write_file(bad, bytes);
    (void)refused(bad);
  }
  tn::io::write_file(bad, std::span(good).first(good.size() - 1));
  CHECK(contains(refused(bad), "the file is cut short"));
  CHECK(contains(refused(folder / "none"), "none: cannot be opened"));

  // Another program's, whole.
  Net other{.hidden = tn::nn::Linear<dyn, dyn>(3, 6), .output = tn::nn::Linear<dyn, dyn>(6, 2), .seen = {}};
  tn::io::save(bad, other);
  CHECK(contains(refused(bad), "this is no checkpoint of tenon's"));
  auto& [rng, net, batches, adam, arena, epoch, steps, decay, name] = saved;
  tn::io::checkpoint("net", other, "adam", adam, "batches", batches, "rng", rng, "epoch", epoch).save(bad);
  CHECK(contains(refused(bad), "tensor 'net.hidden.weight' is F32 (3, 6) in the file but F32 (3, 5) in the program"));
  tn::io::checkpoint("net", net, "adam", adam, "rng", rng, "batches", batches).save(bad);
  CHECK(contains(refused(bad), "there is no 'epoch'"));
  tn::io::checkpoint("adam", adam, "rng", rng, "batches", batches).save(bad);
  CHECK(contains(refused(bad), "there is no tensor 'net.hidden.weight'"));
  const std::string word = "one";
  tn::io::checkpoint("net", net, "adam", adam, "batches", batches, "rng", rng, "epoch", word).save(bad);
  CHECK(contains(refused(bad), "'epoch' is 'one', which is no whole number in range"));
  double more = 2;
  tn::Tensor<float, 2> extra;
  saved.checkpoint().save(bad);
  const auto part = [&] { return tn::io::checkpoint("net", held.net, "adam", held.adam, "rng", held.rng); };
  CHECK(contains(message_of([&] { part().load(bad); }), "the program asks for no 'batches.batch_size'"));
  tn::io::checkpoint("net", net, "adam", adam, "rng", rng, "extra", extra, "more", more).save(bad);
  CHECK(contains(message_of([&] { part().load(bad); }), "the program asks for no 'extra'"));
  const Set larger = make_set(11);
  auto longer = tn::data::batches(larger, 4, rng);
  CHECK(contains(message_of([&] {
                   tn::io::checkpoint("net", held.net, "adam", held.adam, "batches", longer, "rng", held.rng, "epoch",
                                      held.epoch, "steps", held.steps, "decay", held.decay, "name", held.name)
                       .load(folder / "run");
                 }),
                 "run: 'batches': "));
  {
    tn::Step step(held.arena, held.net);
    CHECK(contains(message_of([&] { (void)held.checkpoint().try_load(folder / "run"); }),
                   " learns or reads 'net.hidden.weight'"));
  }
  CHECK(bits(held.net) == before);
  held.checkpoint().load(folder / "run");
  CHECK(bits(held.net) == bits(saved.net));
}
TEST_CASE("checkpoint: weights that others read are not loaded, nor are those before them", "[io][checkpoint]") {
  const Folder folder;
  Net net{.hidden = tn::nn::Linear<dyn, dyn>(3, 5), .output = tn::nn::Linear<dyn, dyn>(5, 2), .seen = {}};
  tn::io::save(folder / "net", net);
  auto readers = tn::replicas(net.output, 1);
  net.hidden.bias.mut().fill(7);
  Net mixed{.hidden = std::move(net.hidden), .output = std::move(readers[0]), .seen = {}};
  CHECK(contains(message_of([&] { tn::io::load(folder / "net", mixed); }), "its elements are shared with others"));
  CHECK(mixed.hidden.bias.value()(0) == 7);
}

TEST_CASE("checkpoint: a gradient that no update has used is neither saved nor kept", "[io][checkpoint]") {
  const Folder folder;
  const Set set = make_set(4);
  Training t(set, 7);
  t.checkpoint().save(folder / "run");
  {
    tn::Step step(t.arena, t.net, t.rng);
    auto loss = tn::mse(t.net(step.input(set.features())), set.labels());
    std::move(step).backward(loss);
  }
  CHECK(contains(message_of([&] { t.checkpoint().save(folder / "run"); }),
                 "parameter 'net.hidden.weight' has a gradient"));
  t.checkpoint().load(folder / "run");
  CHECK_FALSE(t.net.hidden.weight.has_gradient());
  int one = 1;
  CHECK(
      contains(message_of([&] { tn::io::checkpoint("a", one, "a", one).save(folder / "run"); }), "'a' is given twice"));
}

TEST_CASE("checkpoint: weights alone go to other modules and programs", "[io][checkpoint]") {
  const Folder folder;
  const Set set = make_set(10);
  Training t(set, 7);
  t.run(3, folder / "run");
  tn::Rng rng(50);
  Net a = tn::nn::init<Net>(rng), b = tn::nn::init<Net>(rng);
  CHECK(tn::io::try_load(folder / "run", a, {.prefix = "net."}).value() == 5);
  CHECK(a.hidden.weight(2, 4) == t.net.hidden.weight(2, 4));
  tn::io::save(folder / "weights", a);
  tn::io::load(folder / "weights", b);
  CHECK(b.seen(0) == t.net.seen(0));
  CHECK(b.noise == tn::Rng(5));  // a generator is no weight
  const auto file = tn::io::read_safetensors(folder / "weights");
  CHECK(file.tensors().size() == 5);
  CHECK(file.find("hidden.weight") != nullptr);
  CHECK(contains(message_of([&] { tn::io::load(folder / "weights", b.hidden); }), "there is no tensor 'weight'"));
  tn::io::load(folder / "weights", b.hidden, {.prefix = "hidden."});
  CHECK(contains(message_of([&] { tn::io::load(folder / "weights", b.hidden.weight, {.prefix = "hidden."}); }),
                 "there is no tensor 'hidden.'"));
  // Momentum of SGD, in a part of its own.
  tn::optim::SGD sgd(a, {.momentum = 0.9});
  tn::io::checkpoint("sgd", sgd).save(folder / "sgd");
  CHECK(tn::io::read_safetensors(folder / "sgd").find("sgd.output.bias.momentum") != nullptr);
}

TEST_CASE("checkpoint: a save killed anywhere leaves the old file or the new one", "[io][checkpoint]") {
  const Folder folder;
  const Set set = make_set(10);
  Training before(set, 7), after(set, 8), loaded(set, 9);
  after.run(3, folder / "warm");
  const auto old_bits = bits(before.net), new_bits = bits(after.net);
  const std::string path = folder / "run";
  int old_files = 0, new_files = 0;
  bool finished = false;
  for (long at = 0; !finished; ++at) {
    before.checkpoint().save(path);
    const ::pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      FaultySystem system{.at = at, .most_write = 8};
      const auto result = after.checkpoint().save_by(system, path);
      ::_exit(result ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!finished && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) FAIL("status " << status);
    loaded.checkpoint().load(path);
    const auto found = bits(loaded.net);
    if (found == old_bits) ++old_files;
    else if (found == new_bits) ++new_files;
    else FAIL("neither old nor new after call " << at);
  }
  CHECK(old_files >= 200);
  CHECK(new_files == 4);  // killed before the folder is opened, flushed, closed; and not killed
}

TEST_CASE("checkpoint: a system that refuses anything gives an error, the old file and no other", "[io][checkpoint]") {
  const Folder folder;
  const Set set = make_set(10);
  Training before(set, 7), after(set, 8), loaded(set, 9);
  const auto old_bits = bits(before.net), new_bits = bits(after.net);
  const std::string path = folder / "run";
  std::vector<std::string> order;
  bool finished = false;
  for (long at = 0; !finished; ++at) {
    before.checkpoint().save(path);
    FaultySystem system{.at = at, .error = ENOSPC, .most_write = 100};
    const auto result = after.checkpoint().save_by(system, path);
    finished = system.calls <= at;
    order = system.log;
    loaded.checkpoint().load(path);
    if (finished) {
      CHECK(result);
      CHECK(bits(loaded.net) == new_bits);
    } else if (bits(loaded.net) == old_bits) {
      if (result || !contains(result.error().what(), "run: cannot be ")) FAIL("call " << at);
      CHECK(contains(result.error().what(), "No space left on device"));
    } else {  // renamed; of the folder's calls only its close cannot be seen by anybody
      CHECK(bits(loaded.net) == new_bits);
      CHECK((result || contains(result.error().what(),
                                "run: is written, but its folder cannot be flushed to the disk: No space left on "
                                "device; fix: check the disk, then write again")));
    }
    if (files_in(folder.path()) != 1) FAIL("a file is left behind by call " << at);
  }
  FaultySystem interrupted{.at = 1, .error = EINTR, .most_write = 100};
  CHECK(after.checkpoint().save_by(interrupted, path));  // a write that a signal ended is made again
  CHECK(order ==
        std::vector<std::string>{"create", "write", "flush", "close", "rename", "open_folder", "flush", "close"});
}

TEST_CASE("checkpoint: the system's own limit on a file's size is an error like any other", "[io][checkpoint]") {
  const Folder folder;
  const Set set = make_set(10);
  Training t(set, 7);
  t.checkpoint().save(folder / "run");
  const auto before = bits(t.net);
  t.run(-1, "");
  ::rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  for (const rlim_t most : {rlim_t{0}, rlim_t{1}, rlim_t{1000}, rlim_t{2000}}) {
    const ::rlimit small{most, limit.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string said = message_of([&] { t.checkpoint().save(folder / "run"); });
    ::setrlimit(RLIMIT_FSIZE, &limit);
    CHECK(contains(said, "run: cannot be written: File too large"));
    CHECK(files_in(folder.path()) == 1);
  }
  std::signal(SIGXFSZ, handler);
  t.checkpoint().load(folder / "run");
  CHECK(bits(t.net) == before);
}
