// The kernels over rows give the same bits on any number of threads.
#include <cmath>
#include <cstring>
#include <vector>

#include "tenon/kernel/channel_norm.hpp"
#include "tenon/kernel/copy.hpp"
#include "tenon/kernel/cross_entropy.hpp"
#include "tenon/kernel/gather.hpp"
#include "tenon/kernel/norm.hpp"
#include "tenon/kernel/optimizer.hpp"
#include "tenon/kernel/transpose.hpp"
#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Floats = std::vector<float>;
std::size_t u(Index i) { return static_cast<std::size_t>(i); }
Floats numbers(Index n, int seed) {
  Floats x;
  for (Index i = 0; i < n; ++i) x.push_back(static_cast<float>(std::sin(1.7 * static_cast<double>(i) + seed)));
  return x;
}
/// run(out) on some threads; whether out is the same for all of them.
template <class F> bool same_bits(Index size, F run) {
  Floats first;
  bool same = true;
  for (const int threads : {1, 2, 3, 8}) {
#if defined(_OPENMP)
    omp_set_num_threads(threads);
#endif
    Floats out(u(size), 0.5f);
    run(out.data());
    if (threads == 1) first = out;
    same = same && std::memcmp(out.data(), first.data(), out.size() * sizeof(float)) == 0;
  }
#if defined(_OPENMP)
  omp_set_num_threads(2);
#endif
  return same;
}

}  // namespace

TEST_CASE("kernels over rows: the same bits on 1, 2, 3 and 8 threads", "[kernel][rows][threads]") {
  namespace k = tn::kernel;
  constexpr auto store = tn::Write::store;
  const Index rows = 1500, n = 131;  // rows for several blocks, lanes that end inside a vector
  const Floats x = numbers(rows * n, 1), dy = numbers(rows * n, 2), w = numbers(2 * n, 3);
  std::vector<std::int32_t> index;
  for (Index i = 0; i < rows; ++i) index.push_back(static_cast<std::int32_t>(i * 7 % 40));
  using Norm = k::Norm<true, float>;
  CHECK(same_bits(2 * rows * n + 2 * rows + Norm::scratch_size(rows, n), [&](float* y) {
    float *dx = y + rows * n, *moments = dx + rows * n, *parts = moments + 2 * rows;
    Norm::forward(rows, n, x.data(), w.data(), w.data() + n, 1e-5f, y, {moments, moments + rows});
    Norm::backward(rows, n, x.data(), dy.data(), w.data(), {moments, moments + rows}, dx, store, parts);
  }));
  for (const k::Planes s : {k::Planes{rows, n, 1}, {30, 50, n}, {2, 30, 3275}})  // n = 131; 3275 = 25 n
    CHECK(same_bits(4 * s.size() + 1000, [&](float* y) {
      using ChannelNorm = k::ChannelNorm<float>;
      const Floats ones(u(s.channels), 1.5f);
      const float* one = ones.data();
      float *dx = y + s.size(), *z = dx + s.size(), *dz = z + s.size(), *m = dz + s.size();
      ChannelNorm::forward(s, x.data(), one, one, 1e-5f, y, m, m + s.channels, m + 2 * s.channels);
      ChannelNorm::backward(s, x.data(), dy.data(), one, m, m + 2 * s.channels, true, dx, store, m + 3 * s.channels,
                            m + 4 * s.channels);
      Floats moments(u(2 * s.images)), sums(u(2 * s.images * s.channels));
      ChannelNorm::forward_groups(s, 1, x.data(), one, one, 1e-5f, z, moments.data(), &moments[u(s.images)]);
      ChannelNorm::backward_groups(s, 1, x.data(), dy.data(), one, moments.data(), &moments[u(s.images)], dz, store,
                                   sums.data(), &sums[u(s.images * s.channels)]);
    }));
  for (const Index inner : {Index{1}, n})
    CHECK(same_bits(rows * n, [&](float* y) {
      k::for_each_line(
          inner == 1 ? rows : 30, inner == 1 ? n : 50, inner, 40, 1,
          [&](Index at) { k::softmax(n, x.data() + at, y + at); },
          [&](Index at, Index c) {
            k::Columns<float>{50, n, c}.softmax(x.data() + at, y + at);
          });
    }));
  CHECK(same_bits(rows * n + 3 * rows, [&](float* dx) {
    const k::Rows<float> all{rows, n, x.data()};
    float* kept = dx + rows * n;
    const k::ClassTarget<float, std::int32_t> target{index.data(), 3, 0.1f};
    const float loss = k::cross_entropy(all, target, {kept, kept + rows, kept + 2 * rows}).first;
    k::cross_entropy_backward(
        all, target, {kept, kept + rows, kept + 2 * rows}, [=](Index) { return loss; }, dx, store);
  }));
  CHECK(same_bits(40 * n, [&](float* to) { k::scatter_add_rows(rows, n, x.data(), index.data(), to); }));
  CHECK(same_bits(rows * n, [&](float* y) { k::gather_rows(rows, n, x.data(), index.data(), y); }));
  CHECK(same_bits(rows * n, [&](float* y) { k::write_blocks(rows, n, x.data(), n, y, n, tn::Write::add); }));
  CHECK(same_bits(rows * n, [&](float* y) {
    k::transpose(n, rows, reinterpret_cast<const std::uint32_t*>(x.data()), n, reinterpret_cast<std::uint32_t*>(y),
                 rows);
  }));
  CHECK(same_bits(3 * rows * n, [&](float* state) {
    k::adam_update<float>(rows * n, state, dy.data(), state + rows * n, state + 2 * rows * n,
                          {0.01f, 0.9f, 0.1f, 0.999f, 0.001f, 1, 1e-8f, 1, 0});
  }));
}
