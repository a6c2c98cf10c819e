// The parts of a split borrow from the set.
// EXPECT: the data set is a temporary
#include "tenon/data/dataset.hpp"

namespace tn = tenon;

tn::data::Dataset<tn::Tensor<float, tn::dyn, 4>> make_set();

tn::Index train(tn::Rng& rng) {
#ifdef TENON_BAD
  auto [learn, validate] = tn::data::split(make_set(), 0.8, rng);
#else
  const auto set = make_set();
  auto [learn, validate] = tn::data::split(set, 0.8, rng);
#endif
  return learn.size();
}
