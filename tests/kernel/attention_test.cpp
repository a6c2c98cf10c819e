#include <cmath>
#include <random>
#include <vector>

#include "tenon/kernel/attention_backward.hpp"
#include "tests/catch.hpp"

namespace {

namespace tn = tenon;
using tn::Index;
using Big = long double;

/// Numbers of (batch, heads, time, dim), rows `gap` elements longer than dim.
template <class T> struct Heads {
  std::array<Index, 4> extent;
  std::vector<T> numbers;
  Index row;

  Heads(Index batch, Index heads, Index time, Index dim, Index gap, std::uint64_t seed)
      : extent{batch, heads, time, dim},
        numbers(static_cast<std::size_t>(batch * heads * time * (dim + gap))),
        row(dim + gap) {
    std::mt19937_64 bits(seed);
    std::uniform_real_distribution<double> uniform(-2, 2);
    for (T& x : numbers) x = static_cast<T>(uniform(bits));
  }
  tn::Span<T, 4> span() { return {numbers.data(), extent, {extent[1] * extent[2] * row, extent[2] * row, row, 1}}; }
  tn::Span<const T, 4> values() { return span(); }
  void clear() { numbers.assign(numbers.size(), T(0)); }
  /// The largest difference from numbers without gaps.
  double distance(const std::vector<Big>& truth) {
    Big worst = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const auto u = static_cast<Index>(i);
      const Big d = std::abs(truth[i] - numbers[static_cast<std::size_t>(u / extent[3] * row + u % extent[3])]);
      if (!(d <= worst)) worst = d;  // a NaN stays
    }
    return static_cast<double>(worst);
  }
};

struct Case {
  Index batch, heads, kv_heads, queries, keys, dim, value_dim, gap;
};
enum class Masked { no, add, allow };

/// Values and gradients of attention by their definition.
template <class T> struct Truth {
  std::vector<Big> y, dq, dk, dv;

  Truth(const tn::kernel::Attention<T>& a, tn::Span<const T, 4> dy) {
    y.resize(static_cast<std::size_t>(dy.size()));
    dq.resize(static_cast<std::size_t>(a.q.size()));
    dk.resize(static_cast<std::size_t>(a.k.size()));
    dv.resize(static_cast<std::size_t>(a.v.size()));
    for (Index b = 0; b < a.q.extent[0]; ++b)
      for (Index h = 0; h < a.q.extent[1]; ++h)
        for (Index i = 0; i < a.queries(); ++i) query(a, dy, b, h, i);
  }

 private:
  static std::size_t place(const std::array<Index, 4>& e, Index b, Index h, Index i, Index d) {
    return static_cast<std::size_t>(((b * e[1] + h) * e[2] + i) * e[3] + d);
  }
  void query(const tn::kernel::Attention<T>& a, tn::Span<const T, 4> dy, Index b, Index h, Index i) {
    const Index g = h * a.kv_heads() / a.q.extent[1];
    std::vector<Big> p;
    Big sum = 0, mean = 0;
    for (Index j = 0; j < a.keys(); ++j) {
      Big s = 0;
      for (Index d = 0; d < a.dim(); ++d) s += Big(a.q(b, h, i, d)) * Big(a.k(b, g, j, d));
      const auto& m = a.mask;
      const Index at = b * m.stride[0] + h * m.stride[1] + i * m.stride[2] + j * m.stride[3];
      s = s * Big(a.scale) + (m.add ? Big(m.add[at]) : 0);
      const bool hidden = (a.causal && j > i + a.keys() - a.queries()) || (m.allow && !m.allow[at]);
      p.push_back(hidden ? 0 : std::exp(s));
      sum += p.back();
    }
    for (Big& x : p) x = sum > 0 ? x / sum : 0;
    for (Index d = 0; d < a.value_dim(); ++d) {
      Big& out = y[place(dy.extent, b, h, i, d)];
      for (Index j = 0; j < a.keys(); ++j) out += p[static_cast<std::size_t>(j)] * Big(a.v(b, g, j, d));
      mean += out * Big(dy(b, h, i, d));
    }
    for (Index j = 0; j < a.keys(); ++j) {
      const Big w = p[static_cast<std::size_t>(j)];
      Big dp = 0;
      for (Index d = 0; d < a.value_dim(); ++d) {
        dp += Big(dy(b, h, i, d)) * Big(a.v(b, g, j, d));
        dv[place(a.v.extent, b, g, j, d)] += w * Big(dy(b, h, i, d));
      }
      for (Index d = 0; d < a.dim(); ++d) {
        const Big ds = w * (dp - mean) * Big(a.scale);
        dq[place(a.q.extent, b, h, i, d)] += ds * Big(a.k(b, g, j, d));
        dk[place(a.k.extent, b, g, j, d)] += ds * Big(a.q(b, h, i, d));
      }
    }
  }
};

template <class T> void check(const Case& c, bool causal, Masked masked, double tolerance) {
  INFO(c.batch << " x " << c.heads << "/" << c.kv_heads << ", " << c.queries << " queries, " << c.keys << " keys, dim "
               << c.dim << ", " << c.value_dim << ", gap " << c.gap << ", causal " << causal << ", mask "
               << static_cast<int>(masked));
  Heads<T> q(c.batch, c.heads, c.queries, c.dim, c.gap, 1), k(c.batch, c.kv_heads, c.keys, c.dim, c.gap, 2),
      v(c.batch, c.kv_heads, c.keys, c.value_dim, c.gap, 3), y(c.batch, c.heads, c.queries, c.value_dim, c.gap, 4),
      dy(c.batch, c.heads, c.queries, c.value_dim, c.gap, 5), dq = q, dk = k, dv = v;
  std::vector<T> added(static_cast<std::size_t>(c.heads * c.queries * c.keys));
  const std::unique_ptr<bool[]> allowed(new bool[added.size() + 1]);
  for (std::size_t i = 0; i < added.size(); ++i) {
    added[i] = static_cast<T>(std::sin(static_cast<double>(i)));
    allowed[i] = i * 7 % 11 > 3;
  }
  tn::kernel::Attention<T> a{q.values(), k.values(), v.values(), T(0.5), causal};
  if (masked == Masked::add) a.mask = {added.data(), nullptr, {0, c.queries * c.keys, c.keys, 1}};
  if (masked == Masked::allow) a.mask = {nullptr, allowed.get(), {0, 0, c.keys, 1}};
  const Truth<T> truth(a, dy.values());

  std::vector<T> log_sum(static_cast<std::size_t>(c.batch * c.heads * c.queries));
  const auto bytes = static_cast<std::size_t>(tn::kernel::attention_backward_scratch_bytes(a));
  std::vector<std::byte> memory(bytes + 64);
  auto* scratch = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
  dq.clear(), dk.clear(), dv.clear();
  for (Index unit = a.units(); unit-- > 0;) {  // in any order
    tn::kernel::attention(a, y.span(), log_sum.data(), unit, unit + 1, scratch);
    tn::kernel::attention_backward<T>(a, y.values(), dy.values(), log_sum.data(), {dq.span(), dk.span(), dv.span()},
                                      unit, unit + 1, scratch);
  }
  CHECK(y.distance(truth.y) <= tolerance);
  CHECK(dq.distance(truth.dq) <= 8 * tolerance);
  CHECK(dk.distance(truth.dk) <= 8 * tolerance * static_cast<double>(c.heads / c.kv_heads));
  CHECK(dv.distance(truth.dv) <= 8 * tolerance * static_cast<double>(c.heads / c.kv_heads));
}

template <class T> void check_all(double tolerance) {
  const Case cases[] = {{1, 1, 1, 1, 1, 1, 1, 0},   {2, 2, 2, 7, 7, 3, 5, 0},      {1, 4, 2, 49, 49, 8, 8, 3},
                        {2, 2, 1, 20, 70, 5, 4, 0}, {1, 1, 1, 130, 130, 16, 9, 1}, {1, 2, 2, 3, 300, 7, 32, 5},
                        {1, 1, 1, 60, 9, 4, 4, 0},  {2, 3, 3, 0, 4, 2, 2, 0},      {1, 3, 1, 5, 0, 2, 2, 0}};
  for (const Case& c : cases)
    for (const bool causal : {false, true})
      for (const Masked m : {Masked::no, Masked::add, Masked::allow}) check<T>(c, causal, m, tolerance);
}

}  // namespace

TEST_CASE("attention kernel: values and gradients are those of the formula", "[kernel][attention]") {
  check_all<double>(2e-14);
  check_all<float>(1e-5);
}
TEST_CASE("attention kernel: large scores do not overflow, a NaN shows", "[kernel][attention]") {
  Heads<float> q(1, 1, 3, 2, 0, 1), k(1, 1, 20, 2, 0, 2), v(1, 1, 20, 1, 0, 3), y(1, 1, 3, 1, 0, 4);
  for (float& x : q.numbers) x = 1e18f;
  for (float& x : k.numbers) x = 0;
  k.numbers[6] = 1e18f;  // key 3 has a score of 1e36
  q.numbers[4] = NAN;    // query 2
  tn::kernel::Attention<float> a{q.values(), k.values(), v.values(), 1, false};
  std::vector<std::byte> memory(static_cast<std::size_t>(tn::kernel::attention_scratch_bytes(a)) + 64);
  auto* scratch = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
  float log_sum[3];
  tn::kernel::attention(a, y.span(), log_sum, 0, 1, scratch);
  CHECK(y.numbers[0] == v.numbers[3]);
  CHECK(y.numbers[1] == v.numbers[3]);
  CHECK(std::isnan(y.numbers[2]));
}
