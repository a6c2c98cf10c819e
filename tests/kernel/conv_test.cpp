#include "tenon/kernel/conv.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "tenon/kernel/conv_weights.hpp"
#include "tests/catch.hpp"

namespace {
using tenon::Index;
using tenon::Span;
using tenon::Write;
using tenon::kernel::ConvWay;
using tenon::kernel::ConvWindow;
using tenon::kernel::Correlation;
using tenon::kernel::FilterGradient;

/// Images, filters and outputs; padding larger than the filter's reach, steps, strides, groups, widths around a vector.
struct Case {
  Index images, groups, channels, outputs, height, width;
  ConvWindow window;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&all](Index images, Index groups, Index channels, Index outputs, Index h, Index w, Index kh,
                          Index kw, Index stride_h, Index stride_w, Index step_h, Index step_w, Index pad_h,
                          Index pad_w) {
    const Index p = (h + 2 * pad_h - step_h * (kh - 1) - 1) / stride_h + 1,
                q = (w + 2 * pad_w - step_w * (kw - 1) - 1) / stride_w + 1;
    all.push_back({images,
                   groups,
                   channels,
                   outputs,
                   h,
                   w,
                   {{p, q}, {kh, kw}, {stride_h, stride_w}, {step_h, step_w}, {-pad_h, -pad_w}}});
  };
  add(2, 1, 1, 32, 28, 28, 3, 3, 1, 1, 1, 1, 0, 0);
  add(1, 1, 3, 17, 9, 33, 3, 3, 1, 1, 1, 1, 1, 1);
  add(2, 1, 6, 16, 14, 14, 5, 5, 1, 1, 1, 1, 0, 0);
  add(1, 2, 4, 7, 11, 13, 3, 2, 2, 3, 1, 2, 2, 1);
  add(1, 5, 1, 1, 12, 40, 3, 3, 1, 1, 1, 1, 1, 1);  // depthwise
  add(1, 3, 2, 2, 12, 12, 5, 3, 1, 2, 2, 1, 4, 3);
  add(3, 1, 2, 3, 5, 4, 1, 1, 1, 1, 1, 1, 0, 0);
  add(1, 1, 2, 13, 1, 1, 3, 3, 1, 1, 1, 1, 3, 3);   // outputs that see nothing but zeros
  add(1, 1, 200, 5, 6, 7, 3, 3, 1, 1, 1, 1, 1, 1);  // more taps than one part takes
  add(1, 1, 1, 2, 2, 50, 2, 44, 1, 1, 1, 1, 0, 0);
  add(1, 1, 40, 3, 70, 60, 3, 3, 2, 1, 1, 1, 1, 1);   // several bands
  add(1, 1, 2, 2, 3, 210, 1, 3, 1, 1, 1, 1, 0, 1);    // rows longer than a panel of pixels
  add(1, 1, 1, 5, 3, 600, 1, 2, 1, 1, 1, 598, 0, 0);  // taps so far apart that most of a row is no output
  // Lanes over outputs: parts of the channels, a row shorter than a tile, rows of zeros left out; steps; several bands.
  add(1, 1, 40, 40, 8, 24, 3, 3, 1, 1, 1, 1, 0, 0);
  add(1, 1, 120, 35, 5, 7, 3, 3, 1, 1, 1, 1, 2, 1);
  add(1, 2, 12, 32, 9, 31, 3, 3, 2, 3, 2, 1, 2, 1);
  add(1, 1, 320, 16, 12, 24, 1, 1, 1, 1, 1, 1, 0, 0);
  // Lanes over the pixels of a row: rows of zeros left out, by three pieces and by four; one row's last piece.
  add(2, 1, 16, 6, 10, 10, 5, 5, 1, 1, 1, 1, 4, 4);
  add(1, 1, 5, 13, 7, 16, 3, 3, 2, 1, 1, 1, 3, 1);
  // Lanes over images: whole vectors of them and some more, pairs of rows and one, panels of all sizes, steps, groups.
  add(37, 1, 3, 9, 7, 6, 3, 3, 1, 1, 1, 1, 2, 1);
  add(18, 1, 2, 31, 6, 4, 2, 3, 1, 1, 1, 1, 0, 0);
  add(19, 2, 2, 7, 9, 5, 3, 3, 2, 1, 1, 2, 2, 2);
  // One tap: rows of pixels in parts; one output; groups; no channels.
  add(2, 1, 20, 35, 70, 60, 1, 1, 1, 1, 1, 1, 0, 0);
  add(3, 2, 6, 9, 5, 7, 1, 1, 1, 1, 1, 1, 0, 0);
  add(2, 1, 3, 1, 4, 300, 1, 1, 1, 1, 1, 1, 0, 0);
  add(1, 1, 2, 5, 2, 2100, 1, 1, 1, 1, 1, 1, 0, 0);
  add(2, 1, 0, 3, 4, 4, 1, 1, 1, 1, 1, 1, 0, 0);
  // Few filters along vectors of pixels: a whole tile of taps and outputs, and one more.
  add(3, 1, 1, 7, 12, 20, 5, 5, 1, 1, 1, 1, 2, 2);
  return all;
}

template <class T> T number(Index i) { return static_cast<T>(static_cast<double>(i * 7919 % 2003) / 1001.0 - 1.0); }

/// Four dimensions in memory of exactly their reach; `spread` puts NaN between the elements, which must survive.
template <class T> struct Held {
  std::vector<T> memory;
  Span<T, 4> s;
  Index reach;
  Held(std::array<Index, 4> e, Index spread, bool transposed = false) {
    s.extent = e;
    const Index row = e[3] * spread, plane = e[2] * row;
    s.stride = {e[1] * plane, plane, row, spread};
    if (transposed) s.stride = {e[1] * plane, plane, spread, e[2] * spread};
    reach = s.size() == 0 ? 0 : (s.size() - 1) * spread + 1;
    memory.assign(static_cast<std::size_t>(reach), std::numeric_limits<T>::quiet_NaN());
    s.data = memory.data();
  }
  Held& fill(Index seed) {
    for_each([&](T& x, Index i) { x = number<T>(i + seed); });
    return *this;
  }
  template <class F> void for_each(F f) {
    Index i = 0;
    for (Index a = 0; a < s.extent[0]; ++a)
      for (Index b = 0; b < s.extent[1]; ++b)
        for (Index c = 0; c < s.extent[2]; ++c)
          for (Index d = 0; d < s.extent[3]; ++d) f(s(a, b, c, d), i++);
  }
  Index nan_count() const {
    Index n = 0;
    for (T x : memory) n += std::isnan(x);
    return n;
  }
};

/// Scratch full of NaN, of exactly the promised size, between canaries.
struct HeldScratch {
  std::vector<unsigned char> memory;
  std::byte* start;
  Index bytes;
  explicit HeldScratch(Index n) : memory(static_cast<std::size_t>(n) + 192, 0xff), bytes(n) {
    start = reinterpret_cast<std::byte*>((reinterpret_cast<std::uintptr_t>(memory.data()) + 127) / 64 * 64);
  }
  ~HeldScratch() {
    const auto* first = reinterpret_cast<unsigned char*>(start);
    bool live = true;
    for (const unsigned char& c : memory) live = live && ((&c >= first && &c < first + bytes) || c == 0xff);
    CHECK(live);
  }
};

/// Calls f(n, g, o, c, p, q, r, s, i, j) for each product of the sum: x(n, g * channels + c, i, j).
template <class F> void for_each_product(const Case& k, F f) {
  const ConvWindow& w = k.window;
  for (Index n = 0; n < k.images; ++n)
    for (Index g = 0; g < k.groups; ++g)
      for (Index o = 0; o < k.outputs; ++o)
        for (Index p = 0; p < w.outputs[0]; ++p)
          for (Index q = 0; q < w.outputs[1]; ++q)
            for (Index c = 0; c < k.channels; ++c)
              for (Index r = 0; r < w.taps[0]; ++r)
                for (Index s = 0; s < w.taps[1]; ++s) {
                  const Index i = w.first[0] + p * w.stride[0] + r * w.step[0],
                              j = w.first[1] + q * w.stride[1] + s * w.step[1];
                  if (i >= 0 && i < k.height && j >= 0 && j < k.width)
                    f(n, g * k.outputs + o, g * k.channels + c, c, p, q, r, s, i, j);
                }
}
template <class T> bool near(T got, long double want, long double size, Index terms) {
  return std::fabs(static_cast<long double>(got) - want) <=
         static_cast<long double>(terms + 2) * size * static_cast<long double>(std::numeric_limits<T>::epsilon());
}

/// Which ways the cases take: each of them is to be met.
struct Met {
  int way[5] = {}, few[2] = {}, points = 0;
};

template <class T>
void check_correlation(const Case& k, Index spread, bool transposed, bool add, bool images, Met& met) {
  const ConvWindow& v = k.window;
  Held<T> x({k.images, k.groups * k.channels, k.height, k.width}, spread, transposed);
  Held<T> w({k.groups * k.outputs, k.channels, v.taps[0], v.taps[1]}, spread, transposed);
  Held<T> y({k.images, k.groups * k.outputs, v.outputs[0], v.outputs[1]}, spread, transposed);
  x.fill(1), w.fill(5), y.fill(9);
  Held<long double> want(y.s.extent, 1), size(y.s.extent, 1);
  want.for_each([&](long double& e, Index i) { e = add ? static_cast<long double>(number<T>(i + 9)) : 0; });
  size.for_each([&](long double& e, Index) { e = 1; });
  for_each_product(k, [&](Index n, Index o, Index cx, Index c, Index p, Index q, Index r, Index s, Index i, Index j) {
    const long double e = static_cast<long double>(x.s(n, cx, i, j)) * static_cast<long double>(w.s(o, c, r, s));
    want.s(n, o, p, q) += e;
    size.s(n, o, p, q) += std::fabs(e);
  });
  Span<const T, 4> filters = w.s;
  filters.extent[0] = k.outputs;
  Correlation<T> job{x.s, filters, k.outputs * w.s.stride[0], y.s, k.groups, v, add};
  if (images) job.way = ConvWay::images;
  ++met.way[static_cast<int>(job.way)];
  Index told = 0;
  auto epilogue = [&](Index, Index j, Index rows, Index columns) { told += j == 0 ? rows * columns : 0; };
  job.done.self = &epilogue;
  job.done.call = [](void* self, Index i, Index j, Index rows, Index columns) {
    (*static_cast<decltype(epilogue)*>(self))(i, j, rows, columns);
  };
  const Index between = y.nan_count();
  HeldScratch packed(job.filters_bytes()), scratch(job.scratch_bytes());
  job.pack_filters(packed.start);
  for (Index t = job.tasks() - 1; t >= 0; --t) job.run(t, packed.start, scratch.start);
  Index wrong = 0;
  y.for_each([&](T& e, Index i) {
    const auto u = static_cast<std::size_t>(i);
    wrong += !near(e, want.memory[u], size.memory[u], job.k());
  });
  CHECK(wrong == 0);
  CHECK(told == y.s.size());
  CHECK(y.nan_count() == between);
}

template <class T> void check_filter_gradient(const Case& k, Index spread, bool transposed, Write mode, Met& met) {
  const ConvWindow& v = k.window;
  Held<T> x({k.images, k.groups * k.channels, k.height, k.width}, spread, transposed);
  Held<T> dy({k.images, k.groups * k.outputs, v.outputs[0], v.outputs[1]}, spread);
  Held<T> dw({k.groups * k.outputs, k.channels, v.taps[0], v.taps[1]}, spread, transposed);
  x.fill(1), dw.fill(5), dy.fill(9);
  Held<long double> want(dw.s.extent, 1), size(dw.s.extent, 1);
  want.for_each(
      [&](long double& e, Index i) { e = mode == Write::add ? static_cast<long double>(number<T>(i + 5)) : 0; });
  size.for_each([&](long double& e, Index) { e = 1; });
  for_each_product(k, [&](Index n, Index o, Index cx, Index c, Index p, Index q, Index r, Index s, Index i, Index j) {
    const long double e = static_cast<long double>(x.s(n, cx, i, j)) * static_cast<long double>(dy.s(n, o, p, q));
    want.s(o, c, r, s) += e;
    size.s(o, c, r, s) += std::fabs(e);
  });
  const FilterGradient<T> job{x.s, dy.s, dw.s, k.groups, v, mode};
  ++met.few[job.few()];
  met.points += job.points();
  const Index between = dw.nan_count();
  HeldScratch sums(job.sums_bytes()), scratch(job.scratch_bytes());
  for (Index t = job.tasks() - 1; t >= 0; --t) job.run(t, sums.start, scratch.start);
  job.merge(sums.start);
  Index wrong = 0;
  dw.for_each([&](T& e, Index i) {
    const auto u = static_cast<std::size_t>(i);
    wrong += !near(e, want.memory[u], size.memory[u], k.images * v.outputs[0] * v.outputs[1]);
  });
  CHECK(wrong == 0);
  CHECK(dw.nan_count() == between);
}

template <class T> void check_all() {
  Index number_of = 0;
  Met met;
  for (const Case& k : cases()) {
    INFO("case " << number_of++ << ", " << sizeof(T) << " bytes an element");
    check_correlation<T>(k, 1, false, false, false, met);
    check_correlation<T>(k, 1, false, true, false, met);
    check_correlation<T>(k, 2, true, true, false, met);
    if (k.channels == 0) continue;  // no filter has an element
    check_correlation<T>(k, 1, false, false, true, met);
    check_correlation<T>(k, 2, true, true, true, met);
    check_filter_gradient<T>(k, 1, false, Write::store, met);
    check_filter_gradient<T>(k, 2, true, Write::add, met);
  }
  CHECK((met.way[0] > 0 && met.way[1] > 0 && met.way[2] > 0 && met.way[3] > 0 && met.way[4] > 0 && met.points > 0 &&
         met.few[0] > 0 && met.few[1] > 0));
}
}  // namespace

TEST_CASE("conv: float values and filter gradients follow the plain sums", "[kernel][conv]") { check_all<float>(); }
TEST_CASE("conv: double values and filter gradients follow the plain sums", "[kernel][conv]") { check_all<double>(); }
