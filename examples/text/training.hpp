// Training and generation, the same for every network. Each network is compiled in a file of its own.
#pragma once

#include <cmath>
#include <cstdio>
#include <numbers>

#include "curves.hpp"
#include "guess.hpp"
#include "learn.hpp"
#include "models.hpp"
#include "tenon/io/checkpoint.hpp"
#include "tenon/op/cross_entropy.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/clip.hpp"
#include "tenon/optim/schedule.hpp"
#include "tenon/train.hpp"

/// Pieces of text and, for each character, the next one.
class Pieces {
 public:
  /// time_first: as a network wants them, see models.hpp.
  Pieces(Index count, bool time_first)
      : ids({count * context}), next({count * context}), count_(count), time_first_(time_first) {}

  /// Piece number `piece` becomes the context characters from `from` on. Pre: one more follows
  void set(Index piece, const std::int32_t* from) {
    auto a = ids.mut(), b = next.mut();
    for (Index t = 0; t < context; ++t) {
      const Index at = time_first_ ? t * count_ + piece : piece * context + t;
      a.data()[at] = from[t];
      b.data()[at] = from[t + 1];
    }
  }
  Index count() const { return count_; }
  Index characters() const { return count_ * context; }
  tn::Tensor<std::int32_t, dyn> ids, next;

 private:
  Index count_;
  bool time_first_;
};

/// Mean bits a character that the network needs for the text's first `most` pieces, or as many as there are.
template <class Net>
double held_out_bits(const Net& net, const std::vector<std::int32_t>& text, Index most, tn::Arena& arena) {
  Pieces pieces(16, Net::time_first);
  const Index available = (static_cast<Index>(text.size()) - 1) / context, all = most < available ? most : available;
  double nats = 0;
  Index rounds = 0;
  for (Index first = 0; first + pieces.count() <= all || rounds == 0; first += pieces.count(), ++rounds) {
    for (Index i = 0; i < pieces.count(); ++i) pieces.set(i, text.data() + (first + i) % available * context);
    tn::Scope scope(arena);
    nats += tn::cross_entropy(net(scope.input(pieces.ids), context), pieces.next).item();
  }
  return nats / static_cast<double>(rounds) / std::numbers::ln2;
}

/// The prompt and `count` characters more, each guessed from the last `context` before it.
template <class Net>
std::string generate(const Net& net, const Alphabet& alphabet, const Options& options, long count, tn::Rng& rng,
                     tn::Arena& arena) {
  auto said = alphabet.encode(options.prompt.empty() ? "\n" : options.prompt);
  Guess guess{options.temperature, options.top_k, static_cast<Index>(alphabet.characters.size()) - 1};
  for (long i = 0; i < count; ++i) {
    const Index known = static_cast<Index>(said.size()), time = known < context ? known : context;
    tn::Tensor<std::int32_t, dyn> ids({time});
    std::copy(said.end() - time, said.end(), ids.mut().data());
    tn::Scope scope(arena);
    const tn::Value logits = net(scope.input(ids), time);
    said.push_back(guess(logits.data() + (time - 1) * logits.shape()[1], rng));
  }
  return alphabet.decode(said);
}

/// One step on pieces from random places. Returns the loss, in bits a character.
template <class Net>
double train_step(Net& net, tn::optim::Adam& adam, Pieces& pieces, const std::vector<std::int32_t>& text, Index number,
                  tn::Rng& rng, tn::Arena& arena) {
  for (Index i = 0; i < pieces.count(); ++i)
    pieces.set(i, text.data() + rng.below(static_cast<Index>(text.size()) - context));
  tn::Step step(arena, net);
  const tn::Value loss = tn::cross_entropy(net(step.input(pieces.ids), context), pieces.next);
  tn::train::require_finite(loss.item(), number, step);
  std::move(step).backward(loss);
  tn::optim::clip_by_norm(net, 1);
  adam.update(net);
  return loss.item() / std::numbers::ln2;
}

/// A sum over the alphabet: no checkpoint of another one is taken.
struct Characters {
  struct State {
    std::uint64_t sum;
  };
  explicit Characters(const Alphabet& alphabet) : sum(0) {
    for (const std::string& c : alphabet.characters) sum = tn::io::crc64(std::as_bytes(std::span(c)), sum);
  }
  State state() const { return {sum}; }
  void check_state(State other) const {
    if (other.sum != sum) throw tn::ValueError({}, "that training was on another text", "give the text it began with");
  }
  void set_state(State) {}
  std::uint64_t sum;
};

/// Trains in rounds of options.every steps, and shows after each how it stands. Returns whether it was interrupted.
template <class Net>
bool train(Net& net, const Text& text, const Options& options, tn::train::Log& curves, tn::Rng& rng, tn::Arena& arena) {
  tn::train::Interrupt interrupt;
  tn::Rng order = rng.fork("order");
  tn::optim::Adam adam(net, {.learning_rate = options.learning_rate, .beta2 = 0.99});
  const tn::optim::Cosine schedule{.learning_rate = options.learning_rate,
                                   .steps = options.steps,
                                   .warm_up = options.steps < 1000 ? options.steps / 10 : 100,
                                   .final_rate = options.learning_rate / 10};
  Pieces pieces(options.batch_size, Net::time_first);
  long number = 0;  // of steps done
  Characters characters(text.alphabet);
  auto all = tn::io::checkpoint("net", net, "adam", adam, "order", order, "step", number, "characters", characters);
  if (!options.resume.empty()) {
    all.load(options.resume);
    std::printf("resumed  %s after %ld steps\n\n", options.resume.c_str(), number);
  }
  const long rounds = (options.steps + options.every - 1) / options.every;
  tn::train::Progress progress(rounds, options.every * pieces.characters(), {.epochs_done = number / options.every});
  while (number < options.steps && !interrupt.requested()) {
    progress.begin_epoch();
    do {
      adam.set_learning_rate(schedule(number));
      progress.add(train_step(net, adam, pieces, text.train, number++, order, arena), pieces.characters());
    } while (number % options.every != 0 && number < options.steps && !interrupt.requested());
    if (!options.checkpoint.empty()) all.save(options.checkpoint);
    const double loss = progress.loss(), rate = progress.rate();
    const double bits = held_out_bits(net, text.held_out, 256, arena);
    char note[48];
    std::snprintf(note, sizeof note, "held out %.3f bits a character%s", bits,
                  options.checkpoint.empty() ? "" : ", saved");
    progress.end_epoch(note);
    curves.add({static_cast<double>(number), loss, bits, rate});
    tn::Rng words = rng.fork("words").fork(static_cast<std::uint64_t>(number));
    std::printf("    %s\n", one_line(generate(net, text.alphabet, options, 90, words, arena)).c_str());
  }
  return interrupt.requested();
}

template <class Net> void learn(const char* description, const Text& text, const Options& options) {
  tn::Rng rng(options.seed);
  auto net = tn::nn::init<Net>(rng);
  if constexpr (requires { net.positions; }) {  // two features that are added up, and every block adds its own
    tn::nn::normal(net.characters.weight, rng, 0, 0.02);
    tn::nn::normal(net.positions.weight, rng, 0, 0.02);
  }
  std::printf("network  %s, %td parameters\n", description, tn::parameter_count(net));
  std::printf("training Adam, learning rate %g, %ld steps of %ld pieces of %td characters, rounds of %ld steps\n\n",
              options.learning_rate, options.steps, options.batch_size, context, options.every);

  tn::Arena arena;
  auto curves = new_curves();
  if (train(net, text, options, curves, rng, arena)) std::printf("stopped after the current step\n");
  const double bits = held_out_bits(net, text.held_out, static_cast<Index>(text.held_out.size()), arena);
  std::printf("\ntest     %.3f bits a character of the %zu held out\n", bits, text.held_out.size());
  std::printf("memory   arena's high water %.1f MB\n", static_cast<double>(arena.statistics().high_water) / 1e6);
  write_curves(curves, text.title, options.out);
  if (options.generate > 0) {
    tn::Rng words = rng.fork("at the end");
    std::printf("\n%s\n", generate(net, text.alphabet, options, options.generate, words, arena).c_str());
  }
}
