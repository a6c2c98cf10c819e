// Training steps in LibTorch, behind an interface that includes none of it: its headers take half a minute a unit.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace bench::torch_peer {

/// A net, its data and its optimiser.
class Training {
 public:
  virtual ~Training() = default;
  /// One step: forward, loss, backward, update. Returns the loss before the update.
  virtual float step() = 0;
  /// Takes over the elements of tenon's parameters, in the order in which the net declares them. A matrix of a linear
  /// layer is (in, out) there; LibTorch keeps it as (out, in).
  virtual void set_parameters(const std::vector<std::vector<float>>& values) = 0;
};

/// Threads inside an operation, for all that follows.
void set_threads(int threads);

/// relu between layers and softmax cross-entropy; plain gradient descent. x: (batch, sizes[0]), row-major.
std::unique_ptr<Training> classifier(const std::vector<std::int64_t>& sizes, const std::vector<float>& x,
                                     const std::vector<std::int32_t>& labels, double rate);
/// tanh between layers and mean squares; plain gradient descent.
std::unique_ptr<Training> regression(const std::vector<std::int64_t>& sizes, const std::vector<float>& x,
                                     const std::vector<float>& target, double rate);
/// The convolutional nets of train/conv_nets.hpp; plain gradient descent. x: (batch, 1, 28, 28).
std::unique_ptr<Training> lenet(const std::vector<float>& x, const std::vector<std::int32_t>& labels, double rate);
std::unique_ptr<Training> cnn(const std::vector<float>& x, const std::vector<std::int32_t>& labels, double rate);
/// The sequence nets of train/sequence_nets.hpp; Adam. ids and next: one number a character.
struct SequenceSizes {
  std::int64_t vocabulary, dim, steps, batch, heads = 0, blocks = 0;
};
std::unique_ptr<Training> lstm(const SequenceSizes& sizes, const std::vector<std::int32_t>& ids,
                               const std::vector<std::int32_t>& next, double rate);
std::unique_ptr<Training> gpt(const SequenceSizes& sizes, const std::vector<std::int32_t>& ids,
                              const std::vector<std::int32_t>& next, double rate);

}  // namespace bench::torch_peer
