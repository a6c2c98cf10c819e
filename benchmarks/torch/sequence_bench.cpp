// Training steps of sequence models side by side with LibTorch.
#include "benchmarks/torch/pair.hpp"
#include "benchmarks/train/sequence_nets.hpp"

namespace {

namespace nets = bench::nets;
using bench::torch_peer::SequenceSizes;

template <class Net, class Theirs>
void add_sequence(bench::Contest& contest, const SequenceSizes& sizes, Theirs theirs) {
  using Ours = nets::SequenceTraining<Net>;
  const auto numbers = [](const auto& tensor) { return tensor.to_vector(); };
  bench::torch_peer::add_pair(
      contest,
      [](double rate) {
        auto training = std::make_shared<Ours>();
        training->adam.set_learning_rate(rate);
        return training;
      },
      [=](double rate) { return theirs(sizes, numbers(Ours::characters(7)), numbers(Ours::characters(11)), rate); },
      1e-3, 1e-5);
}

const bool registered = [] {
  const std::string group = "training step";
  using LSTM = nets::CharLSTM;
  bench::add(
      {.group = group,
       .name = "d: LSTM 128, 64 characters, batch 32",
       .work = nets::sequence_step_work<LSTM>(),
       .goals = {bench::at_least(2, "LibTorch"), bench::at_least(2.5, "LibTorch")},
       .prepare = [](bench::Contest& c) {
         add_sequence<LSTM>(c, {LSTM::vocabulary, LSTM::hidden, LSTM::steps, LSTM::batch}, bench::torch_peer::lstm);
       }});
  using GPT = nets::CharGPT;
  bench::add({.group = group,
              .name = "e: GPT of 4 blocks, 128 characters, batch 16",
              .work = nets::sequence_step_work<GPT>(),
              .goals = {bench::at_least(1.7, "LibTorch"), bench::at_least(2.2, "LibTorch"), bench::of_limit(0.8)},
              .prepare = [](bench::Contest& c) {
                add_sequence<GPT>(c, {GPT::vocabulary, GPT::dim, GPT::steps, GPT::batch, GPT::heads, 4},
                                  bench::torch_peer::gpt);
              }});
  return true;
}();

}  // namespace
