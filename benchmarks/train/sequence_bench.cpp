// One training step (forward, loss, backward, Adam) of character models with a vocabulary of 65: an LSTM of 128 at
// sequence 64 and batch 32, and a GPT of 4 layers, 4 heads and 128 features at context 128 and batch 16.
#include <memory>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/train/sequence_nets.hpp"

namespace {

namespace nets = bench::nets;

template <class Net> void prepare(bench::Contest& contest) {
  const auto training = std::make_shared<nets::SequenceTraining<Net>>();
  const auto loss = std::make_shared<float>();
  contest.subject([training, loss] { return *loss = training->step(); },
                  [loss] { return std::vector<double>{static_cast<double>(*loss)}; });
}

bool add_all() {
  bench::add({.group = "training step of a sequence model",
              .name = "LSTM 128, sequence 64, batch 32",
              .work = nets::sequence_step_work<nets::CharLSTM>(),
              .prepare = prepare<nets::CharLSTM>});
  bench::add({.group = "training step of a sequence model",
              .name = "GPT, 4 layers of 128, context 128, batch 16",
              .work = nets::sequence_step_work<nets::CharGPT>(),
              .prepare = prepare<nets::CharGPT>});
  return true;
}
const bool registered = add_all();

}  // namespace
