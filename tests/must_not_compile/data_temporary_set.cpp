// A range-based for loop keeps the batches alive, but not the set they would come from.
// EXPECT: the data set is a temporary
#include "tenon/data/batches.hpp"

namespace tn = tenon;

tn::data::Dataset<tn::Tensor<float, tn::dyn, 4>> make_set();

tn::Index train(tn::Rng& rng) {
  tn::Index seen = 0;
#ifdef TENON_BAD
  for (auto [x, y] : tn::data::batches(make_set(), 64, rng)) seen += y.size();
#else
  const auto set = make_set();
  for (auto [x, y] : tn::data::batches(set, 64, rng)) seen += y.size();
#endif
  return seen;
}
