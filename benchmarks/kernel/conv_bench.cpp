// The convolutions of small image networks against oneDNN: forward and both gradients. The peer computes in its own
// blocked layout, which no program with plain data has for free, and with the copies from and to NCHW.
#include <memory>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "benchmarks/peers/onednn_conv.hpp"
#include "tenon/op/conv2d.hpp"

namespace {

using tenon::Index;
using Images = tenon::Span<float, 4>;

struct Sizes {
  Index n, c, h, o, k, padding;
  Index p() const { return h + 2 * padding - k + 1; }
  double flops() const { return 2.0 * static_cast<double>(n * o * p() * p() * c * k * k); }
  double bytes() const { return 4.0 * static_cast<double>(n * c * h * h + o * c * k * k + n * o * p() * p()); }
};
enum Pass { forward, images, filters };

/// Memory that starts at a cache line; the operand that a pass makes begins as zeros.
struct Operand {
  Operand(std::array<Index, 4> e, std::uint64_t seed) {
    span.extent = e;
    span.stride = {e[1] * e[2] * e[3], e[2] * e[3], e[3], 1};
    const auto n = static_cast<std::size_t>(span.size());
    memory.reset(static_cast<float*>(std::aligned_alloc(64, (n * 4 + 63) / 64 * 64)));
    if (!memory) throw std::bad_alloc();
    span.data = memory.get();
    const auto values = bench::uniform<float>(static_cast<long>(n), seed, -1, 1);
    for (std::size_t i = 0; i < n; ++i) span.data[i] = seed == 0 ? 0 : values[i];
  }
  std::vector<double> values() const { return {span.data, span.data + span.size()}; }
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float, Free> memory;
  Images span;
};
struct Operands {
  Operands(const Sizes& s, Pass pass)
      : x({s.n, s.c, s.h, s.h}, pass == images ? 0 : 1),
        w({s.o, s.c, s.k, s.k}, pass == filters ? 0 : 2),
        y({s.n, s.o, s.p(), s.p()}, pass == forward ? 0 : 3),
        made(pass == images    ? x
             : pass == filters ? w
                               : y) {}
  Operand x, w, y;
  const Operand& made;
};

void prepare(bench::Contest& contest, const Sizes& s, Pass pass) {
  const auto data = std::make_shared<Operands>(s, pass);
  const tenon::Conv2dOptions options{.padding = s.padding};
  contest.subject(
      [data, options, pass] {
        const Images x = data->x.span, w = data->w.span, y = data->y.span;
        const auto store = tenon::Write::store;
        if (pass == forward)
          tenon::detail::conv_forward<float>(options, x, w, y, store, [](Index, Index, Index, Index) {});
        if (pass == images) tenon::detail::conv_backward_data<float>(options, w, y, x, store);
        if (pass == filters) tenon::detail::conv_backward_weight<float>(options, x, y, w, store);
      },
      [data] { return data->made.values(); });
#if defined(TENON_BENCH_ONEDNN_CONV)
  for (const bool plain : {false, true}) {
    const auto own = std::make_shared<Operands>(s, pass);
    const bench::ConvSizes sizes{s.n, s.c, s.h, s.o, s.k, s.padding};
    const auto conv = std::make_shared<bench::OnednnConv>(sizes, static_cast<bench::ConvPass>(pass), own->x.span.data,
                                                          own->w.span.data, own->y.span.data, plain);
    contest.peer(
        plain ? "oneDNN NCHW" : "oneDNN blocked", [own, conv] { (*conv)(); },
        [own, conv] {
          conv->finish();
          return own->made.values();
        });
  }
#endif
}

/// Goals against the blocked layout: as fast forward, faster where every library is slow.
void add_layer(const std::string& name, const Sizes& s) {
  constexpr const char* names[] = {"forward", "gradient in images", "gradient in filters"};
  for (const Pass pass : {forward, images, filters}) {
    if (s.c == 1 && pass == images) continue;  // nobody asks a first layer
    const double goal = s.c == 1 ? 2.0 : pass == filters ? 1.4 : 0.95;
    bench::add({.group = std::string("conv2d ") + names[pass],
                .name = name,
                .work = {.flops = s.flops(), .bytes = s.bytes()},
                .goals = {bench::at_least(goal, "oneDNN blocked")},
                .prepare = [s, pass](bench::Contest& contest) { prepare(contest, s, pass); }});
  }
}
bool add_all() {
  add_layer("64x1x28x28 -> 32, 3x3", {64, 1, 28, 32, 3, 0});
  add_layer("64x32x26x26 -> 64, 3x3", {64, 32, 26, 64, 3, 0});
  add_layer("32x64x56x56 -> 64, 3x3", {32, 64, 56, 64, 3, 1});
  add_layer("8x128x28x28 -> 128, 3x3", {8, 128, 28, 128, 3, 1});
  add_layer("64x1x28x28 -> 6, 5x5", {64, 1, 28, 6, 5, 2});
  add_layer("64x6x14x14 -> 16, 5x5", {64, 6, 14, 16, 5, 0});
  add_layer("32x64x28x28 -> 128, 1x1", {32, 64, 28, 128, 1, 0});
  return true;
}
const bool registered = add_all();

}  // namespace
