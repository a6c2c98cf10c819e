// Copies into another order of dimensions, at sizes where squares of elements turn in registers.
#include "tenon/tensor/make_range.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

namespace {

namespace tn = tenon;
using tn::dyn;
using tn::Index;

template <class T> tn::Tensor<T, dyn, dyn, dyn> counted(Index a, Index b, Index c) {
  tn::Tensor<T, dyn, dyn, dyn> x({a, b, c});
  for (Index i = 0; i < x.size(); ++i) x.mut().data()[i] = static_cast<T>(i % 251);
  return x;
}
template <int A, int B, int C, class X> bool copies(const X& x) {
  const auto view = tn::permute(x, tn::axis<A, B, C>);
  const tn::Tensor y(view);
  bool same = true;
  for (Index i = 0; i < y.shape()[0]; ++i)
    for (Index j = 0; j < y.shape()[1]; ++j)
      for (Index k = 0; k < y.shape()[2]; ++k) {
        Index at[3];
        at[A] = i, at[B] = j, at[C] = k;
        same = same && y(i, j, k) == x(at[0], at[1], at[2]);
      }
  return same;
}
template <class T> bool every_order(Index a, Index b, Index c) {
  const auto x = counted<T>(a, b, c);
  return copies<0, 1, 2>(x) && copies<0, 2, 1>(x) && copies<1, 0, 2>(x) && copies<1, 2, 0>(x) && copies<2, 0, 1>(x) &&
         copies<2, 1, 0>(x);
}

}  // namespace

TEST_CASE("copies in another order: every element at its place, whatever the order and the element's size",
          "[tensor][turned_copy]") {
  for (const Index a : {1, 3, 9})
    for (const Index b : {8, 17})
      for (const Index c : {1, 7, 20}) {
        INFO(a << " x " << b << " x " << c);
        CHECK(every_order<float>(a, b, c));
        CHECK(every_order<double>(a, b, c));
        CHECK(every_order<std::uint8_t>(a, b, c));
      }
  CHECK(every_order<float>(0, 9, 9));
}

TEST_CASE("copies in another order: into a part of a tensor, and from one with steps", "[tensor][turned_copy]") {
  const auto x = counted<float>(1, 20, 24);
  tn::Tensor<float, dyn, dyn> to({30, 40});
  to.mut() = -1.f;
  to.mut()(tn::range(2, 26), tn::range(3, 23)) = tn::transpose(x(0, tn::all, tn::all));
  bool same = true;
  for (Index i = 0; i < 30; ++i)
    for (Index j = 0; j < 40; ++j) {
      const bool inside = i >= 2 && i < 26 && j >= 3 && j < 23;
      same = same && to(i, j) == (inside ? x(0, j - 3, i - 2) : -1.f);
    }
  CHECK(same);
  const tn::Tensor<float, dyn, dyn> reversed(
      tn::transpose(x(0, tn::range(19, tn::Range::open, -1), tn::range(0, 24, 2))));
  same = true;
  for (Index i = 0; i < 12; ++i)
    for (Index j = 0; j < 20; ++j) same = same && reversed(i, j) == x(0, 19 - j, 2 * i);
  CHECK(same);
}
