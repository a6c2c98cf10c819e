#include "tenon/op/upsample.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tenon/op/cast.hpp"
#include "tenon/op/pad.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
using tenon_test::error_of;
using tenon_test::says;
using tn::dyn;
using tn::Index;
using tn::Interpolation;

/// interpolate's formula for one element, from all elements of the plane: weights are hats around the source position.
long double truth(const tn::View<double, dyn, dyn>& x, Index p, Index q, Index rows, Index columns,
                  const tn::InterpolateOptions& o) {
  const Index h = x.shape()[0], w = x.shape()[1];
  if (o.mode == Interpolation::nearest) return x(p * h / rows, q * w / columns);
  const auto place = [&](Index at, Index in, Index out) {
    const long double all = o.align_corners ? (out > 1 ? at * static_cast<long double>(in - 1) / (out - 1) : 0)
                                            : (at + 0.5L) * in / out - 0.5L;
    return all < 0 ? 0 : all > in - 1 ? in - 1 : all;
  };
  const auto hat = [](long double d) { return std::abs(d) < 1 ? 1 - std::abs(d) : 0; };
  const long double i = place(p, h, rows), j = place(q, w, columns);
  long double y = 0;
  for (Index r = 0; r < h; ++r)
    for (Index s = 0; s < w; ++s) y += hat(i - r) * hat(j - s) * static_cast<long double>(x(r, s));
  return y;
}
template <class X> X& fill(X& x) {
  auto w = x.mut();
  for (Index i = 0; i < x.size(); ++i) w.data()[i] = std::sin(1.7 * static_cast<double>(i));
  return x;
}

}  // namespace

TEST_CASE("interpolate: values are those of the formula", "[op][upsample]") {
  constexpr Index sizes[][4] = {{3, 4, 6, 8}, {5, 7, 12, 9}, {6, 8, 3, 5},  {1, 1, 3, 4},
                                {4, 5, 4, 5}, {2, 3, 1, 1},  {3, 33, 7, 70}};
  for (const auto& s : sizes)
    for (const tn::InterpolateOptions o : {tn::InterpolateOptions{},
                                           {.mode = Interpolation::bilinear},
                                           {.mode = Interpolation::bilinear, .align_corners = true}}) {
      INFO(s[0] << " x " << s[1] << " to " << s[2] << " x " << s[3]);
      tn::Tensor<double, dyn, dyn, dyn> x({2, s[0], s[1]});
      fill(x);
      const tn::Tensor y = tn::interpolate(x, {s[2], s[3]}, o);
      const tn::Tensor z = tn::interpolate(tn::cast<float>(x), {s[2], s[3]}, o);
      REQUIRE(y.shape().extents() == std::array<Index, 3>{2, s[2], s[3]});
      bool good = true;
      for (Index k = 0; k < 2; ++k)
        for (Index p = 0; p < s[2]; ++p)
          for (Index q = 0; q < s[3]; ++q) {
            const long double want = truth(x(k, tn::all, tn::all), p, q, s[2], s[3], o);
            good = good && std::abs(y(k, p, q) - want) < 1e-14L && std::abs(z(k, p, q) - want) < 1e-5L;
          }
      CHECK(good);
    }
}

TEST_CASE("upsample: whole multiples, of matrices and stacks of images", "[op][upsample]") {
  const tn::Tensor<float, 2, 2> x = {{1, 2}, {3, 4}};
  const tn::Tensor y = tn::upsample(x, {2, 3});
  CHECK(y.to_vector() == std::vector<float>{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
  const tn::Tensor z = tn::upsample(x, 2, {.mode = Interpolation::bilinear});
  CHECK(z(0, 1) == 1.25f);
  CHECK(z(3, 3) == 4);
  const tn::Tensor<double, dyn, 3, dyn, dyn> none({0, 3, 2, 2});
  CHECK(tn::Tensor(tn::upsample(none, 2)).shape().extents() == std::array<Index, 4>{0, 3, 4, 4});
  CHECK(says(error_of<tn::ShapeError>([&] { (void)tn::Tensor(tn::upsample(x, 0)); }), "to 0 rows and 0 columns"));
}

TEST_CASE("pad: borders of x's own elements", "[op][pad]") {
  using tn::PadMode;
  tn::Tensor<double, dyn, dyn, dyn> x({2, 4, 5});
  fill(x);
  const std::array<std::array<Index, 2>, 3> width = {{{1, 0}, {3, 2}, {2, 4}}};
  for (const PadMode mode : {PadMode::reflect, PadMode::replicate, PadMode::circular}) {
    const tn::Tensor y = tn::pad(x, width, mode);
    REQUIRE(y.shape().extents() == std::array<Index, 3>{3, 9, 11});
    const auto from = [&](Index i, Index n) {  // a step at a time towards the inside
      if (mode == PadMode::replicate) return std::min(std::max(i, Index{0}), n - 1);
      if (mode == PadMode::circular) return (i + 7 * n) % n;
      while (i < 0 || i >= n) i = i < 0 ? -i : 2 * n - 2 - i;
      return i;
    };
    bool good = true;
    for (Index i = 0; i < 3; ++i)
      for (Index j = 0; j < 9; ++j)
        for (Index k = 0; k < 11; ++k) good = good && y(i, j, k) == x(from(i - 1, 2), from(j - 3, 4), from(k - 2, 5));
    CHECK(good);
  }
  const tn::Tensor<int, 3> line = {1, 2, 3};
  CHECK(tn::Tensor(tn::pad(line, {{{5, 1}}}, PadMode::replicate)).to_vector() ==
        std::vector<int>{1, 1, 1, 1, 1, 1, 2, 3, 3});
  CHECK(says(error_of<tn::ShapeError>([&] {
               (void)tn::Tensor(tn::pad(line, {{{3, 0}}}, PadMode::reflect));
             }),
             "too few elements in dimension 0 for a border of 3"));
  CHECK_THROWS_AS(tn::Tensor(tn::pad(line, {{{0, 4}}}, PadMode::circular)), tn::ShapeError);
  CHECK_THROWS_AS(tn::Tensor(tn::pad(line, {{{-1, 4}}}, PadMode::replicate)), tn::ValueError);
}
