// Embedding: a learnt row for each index.
#pragma once

#include "tenon/nn/init.hpp"
#include "tenon/op/embedding.hpp"

namespace tenon::inline TENON_ABI::nn {

/// y = weight[indices]; see tenon::embedding.
/// Shapes: indices (...) of an integer dtype -> (..., dim); weight (vocabulary, dim)
/// Sizes:  in the type, or dyn: Embedding<dyn, dyn>(vocabulary, dim)
/// Init:   weight from N(0, 1), as PyTorch's; zeros before that
/// Throws: ValueError for an index outside [0, vocabulary)
template <Index Vocabulary, Index Dim, class T = float> struct Embedding {
  Parameter<T, Vocabulary, Dim> weight;

  auto operator()(const auto& indices) const { return embedding(weight, indices); }
  void initialize(Rng& rng) { normal(weight, rng); }
};

/// Sizes known at run time.
template <Index Vocabulary, Index Dim, class T>
requires(Vocabulary == dyn || Dim == dyn) struct Embedding<Vocabulary, Dim, T> {
  Parameter<T, Vocabulary, Dim> weight;

  /// Throws ShapeError for a negative size, or one that is not the type's.
  Embedding(Index vocabulary, Index dim, Loc at = Loc::current())
      : weight(detail::filled<T>(Shape<Vocabulary, Dim>({vocabulary, dim}, at), 0, at)) {}
  /// As `other`, with what it owns made by twin(x): replicas(net, n).
  Embedding(const Embedding& other, auto&& twin) : weight(twin(other.weight)) {}

  auto operator()(const auto& indices) const { return embedding(weight, indices); }
  void initialize(Rng& rng) { normal(weight, rng); }
  void members(auto&& visit) { visit("weight", weight); }
};

}  // namespace tenon::inline TENON_ABI::nn
