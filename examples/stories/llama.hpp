// A transformer of the Llama kind with trained weights, from a file in the format of llama2.c.
#pragma once

#include <string>
#include <vector>

#include "tenon/memory/arena.hpp"
#include "tenon/tensor/tensor.hpp"

/// Root-mean-square norms, rotary positions, several query heads to a key head, gated linear units.
class Llama {
 public:
  using Vector = tenon::Tensor<float, tenon::dyn>;
  using Matrix = tenon::Tensor<float, tenon::dyn, tenon::dyn>;
  using Tokens = tenon::Tensor<std::int32_t, tenon::dyn>;

  /// Throws what names the file when it cannot be read or is no such model.
  explicit Llama(const std::string& path);

  /// The logits of the token that follows.
  std::vector<float> next(const std::vector<std::int32_t>& tokens, tenon::Arena& arena) const;

  struct Sizes {
    std::int32_t dim, hidden, layers, heads, kv_heads, vocabulary, longest;
  };
  const Sizes& sizes() const { return sizes_; }

 private:
  struct Layer {
    Vector before_attention, before_expansion;
    Matrix projection, mix;  ///< of queries, keys and values side by side; of what the heads saw
    Matrix gate, expand, contract;
  };
  Sizes sizes_;
  Matrix embedding_, output_;
  std::vector<Layer> layers_;
  Vector before_output_;
};
