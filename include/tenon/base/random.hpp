// Random numbers that depend on (seed, position) only: Philox 4x32-10 and a small generator over it.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "tenon/base/dtype.hpp"
#include "tenon/base/error.hpp"

namespace tenon::inline TENON_ABI {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// 128 random bits for a counter under a key; different counters give independent blocks.
/// Source: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011 (Philox 4x32, 10 rounds).
/// Cost: 20 widening multiplications
constexpr std::array<std::uint32_t, 4> philox(PhiloxCounter c, PhiloxKey key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c[0], p1 = std::uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
  }
  return c;
}

/// A generator of reproducible random numbers: a 64-bit seed and a position. Every draw takes one position and depends
/// on seed, position and the kind of draw only, so a fill of n equals n single draws, may be done in parts (a copy,
/// advanced) and gives the same bits on every machine. Normal draws use std::log, sqrt, sin and cos: their last bits
/// are those of the C library. Copyable; equal generators draw equal numbers. Not for secrets.
class Rng {
 public:
  /// All of a generator, for checkpoints.
  struct State {
    std::uint64_t seed = 0, position = 0;
    friend constexpr bool operator==(const State&, const State&) = default;
  };

  constexpr explicit Rng(std::uint64_t seed) noexcept : state_{seed, 0} {}

  constexpr State state() const noexcept { return state_; }
  constexpr void set_state(State s) noexcept { state_ = s; }
  /// Leaves out n draws. Pre: n >= 0
  constexpr void advance(Index n) noexcept { state_.position += static_cast<std::uint64_t>(n); }
  /// The seed as a Philox key, for kernels that count elements themselves.
  constexpr PhiloxKey key() const noexcept { return {low(state_.seed), high(state_.seed)}; }
  friend constexpr bool operator==(const Rng&, const Rng&) = default;

  /// An independent generator (its own seed, position 0) for a number or a name: the same one each time, wherever this
  /// generator stands. Seeds are 64 bits: among 10^6 children two agree with a chance of 3e-8.
  constexpr Rng fork(std::uint64_t number) const noexcept { return child(number, Kind::fork_number); }
  constexpr Rng fork(std::string_view name) const noexcept { return child(hash(name), Kind::fork_name); }
  /// An independent generator, another one at each call (an epoch, a step): takes one position.
  constexpr Rng next() noexcept { return child(state_.position++, Kind::next); }

  /// Uniform in [0, 1), a multiple of 2^-24 (float) or 2^-53 (double).
  template <class T = float> constexpr T uniform() noexcept { return draw<T, Uniform>(); }
  /// Normal with mean 0 and standard deviation 1, by Box and Muller: always finite, |x| <= 6.7 (float), 8.6 (double).
  template <class T = float> T normal() noexcept { return draw<T, Normal>(); }
  /// An integer in [0, n), each equally likely. Throws ValueError if n < 1.
  constexpr Index below(Index n, Loc where = Loc::current()) {
    if (n < 1) refuse_bound(n, where);
    return below_unchecked(n);
  }

  /// p[k] = lo + (hi - lo) u, u uniform in [0, 1), for k in [0, n); rounded once. Below hi, except where rounding to a
  /// 16-bit T gives hi. Throws ValueError unless lo <= hi and hi - lo is finite.
  template <class T>
  void fill_uniform(T* p, Index n, compute_t<T> lo = 0, compute_t<T> hi = 1, Loc where = Loc::current()) {
    using C = compute_t<T>;
    const C width = hi - lo;
    if (!(width >= 0 && std::isfinite(width))) refuse_range(static_cast<double>(lo), static_cast<double>(hi), where);
    const C below_hi = std::nextafter(hi, lo);
    // fma is spelled out: whether a * b + c is contracted depends on the instruction set, and the bits must not.
    fill<C, Uniform>(p, n, [=](C u) {
      const C x = std::fma(width, u, lo);
      return x < hi ? x : below_hi;
    });
  }
  /// p[k] = mean + stddev z, z standard normal, for k in [0, n); rounded once.
  template <class T> void fill_normal(T* p, Index n, compute_t<T> mean = 0, compute_t<T> stddev = 1) noexcept {
    using C = compute_t<T>;
    fill<C, Normal>(p, n, [=](C z) { return std::fma(stddev, z, mean); });
  }
  /// Puts p[0, n) into a random order, each equally likely (Fisher and Yates). Takes n - 1 positions.
  template <class T> constexpr void shuffle(T* p, Index n) noexcept {
    for (Index i = n - 1; i > 0; --i) {
      const Index j = below_unchecked(i + 1);
      T t = static_cast<T&&>(p[i]);
      p[i] = static_cast<T&&>(p[j]);
      p[j] = static_cast<T&&>(t);
    }
  }

 private:
  // Each kind of draw has its own blocks, so a uniform and a normal at neighbouring positions share no bits.
  enum class Kind : std::uint32_t { fork_number, fork_name, next, below, uniform32, uniform64, normal32, normal64 };

  static constexpr std::uint32_t low(std::uint64_t x) noexcept { return static_cast<std::uint32_t>(x); }
  static constexpr std::uint32_t high(std::uint64_t x) noexcept { return static_cast<std::uint32_t>(x >> 32); }
  static constexpr std::uint64_t join(std::uint32_t hi, std::uint32_t lo) noexcept {
    return (std::uint64_t{hi} << 32) | lo;
  }
  constexpr std::array<std::uint32_t, 4> block(std::uint64_t number, std::uint32_t attempt, Kind kind) const noexcept {
    return philox({low(number), high(number), attempt, static_cast<std::uint32_t>(kind)}, key());
  }
  constexpr Rng child(std::uint64_t number, Kind kind) const noexcept {
    const auto r = block(number, 0, kind);
    return Rng(join(r[1], r[0]));
  }
  /// FNV-1a, 64 bits.
  static constexpr std::uint64_t hash(std::string_view s) noexcept {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (char c : s) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return h;
  }

  // A distribution turns one block into lanes<T> numbers: 4 floats or 2 doubles.
  template <class T> static constexpr std::size_t lanes = sizeof(T) == 4 ? 4 : 2;

  struct Uniform {
    template <class T> static constexpr Kind kind = sizeof(T) == 4 ? Kind::uniform32 : Kind::uniform64;
    template <class T> static constexpr std::array<T, lanes<T>> make(const std::array<std::uint32_t, 4>& r) noexcept {
      if constexpr (sizeof(T) == 4) return {unit(r[0]), unit(r[1]), unit(r[2]), unit(r[3])};
      else return {unit(join(r[1], r[0])), unit(join(r[3], r[2]))};
    }
    static constexpr float unit(std::uint32_t w) noexcept { return static_cast<float>(w >> 8) * 0x1p-24f; }
    static constexpr double unit(std::uint64_t w) noexcept { return static_cast<double>(w >> 11) * 0x1p-53; }
  };

  struct Normal {
    template <class T> static constexpr Kind kind = sizeof(T) == 4 ? Kind::normal32 : Kind::normal64;
    template <class T> static std::array<T, lanes<T>> make(const std::array<std::uint32_t, 4>& r) noexcept {
      if constexpr (sizeof(T) == 4) {
        const auto a = pair<T>((static_cast<T>(r[0]) + 1) * 0x1p-32f, Uniform::unit(r[1]));
        const auto b = pair<T>((static_cast<T>(r[2]) + 1) * 0x1p-32f, Uniform::unit(r[3]));
        return {a[0], a[1], b[0], b[1]};
      } else {
        return pair<T>(static_cast<T>((join(r[1], r[0]) >> 11) + 1) * 0x1p-53, Uniform::unit(join(r[3], r[2])));
      }
    }
    /// Two independent normals from u in (0, 1] and v in [0, 1).
    template <class T> static std::array<T, 2> pair(T u, T v) noexcept {
      const T radius = std::sqrt(-2 * std::log(u)), angle = static_cast<T>(6.283185307179586476925) * v;
      return {radius * std::cos(angle), radius * std::sin(angle)};
    }
  };

  template <class T, class D> constexpr T draw() noexcept {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "tenon::Rng: draws are float or double");
    const std::uint64_t p = state_.position++;
    return D::template make<T>(block(p / lanes<T>, 0, D::template kind<T>))[p % lanes<T>];
  }
  template <class C, class D, class T, class Map> void fill(T* out, Index n, Map map) noexcept {
    static_assert(std::is_same_v<C, float> || std::is_same_v<C, double>, "tenon::Rng: fills floating-point arrays");
    const std::uint64_t first = state_.position, last = first + static_cast<std::uint64_t>(n > 0 ? n : 0);
    for (std::uint64_t p = first; p < last;) {
      const auto x = D::template make<C>(block(p / lanes<C>, 0, D::template kind<C>));
      for (std::size_t lane = p % lanes<C>; lane < lanes<C> && p < last; ++lane, ++p) {
        *out++ = static_cast<T>(map(x[lane]));
      }
    }
    state_.position = last;
  }
  /// Draws as many bits as n - 1 has until they are below n (less than two tries on average). The tries of one draw
  /// are numbered, so it takes one position whatever n is.
  constexpr Index below_unchecked(Index n) noexcept {
    const auto most = static_cast<std::uint64_t>(n) - 1;
    const std::uint64_t mask = most == 0 ? 0 : ~std::uint64_t{0} >> std::countl_zero(most);
    const std::uint64_t p = state_.position++;
    for (std::uint32_t attempt = 0;; ++attempt) {
      const auto r = block(p, attempt, Kind::below);
      const std::uint64_t a = join(r[1], r[0]) & mask, b = join(r[3], r[2]) & mask;
      if (a <= most) return static_cast<Index>(a);
      if (b <= most) return static_cast<Index>(b);
    }
  }

  TENON_COLD static void refuse_bound(Index n, Loc where) {
    throw ValueError(where, "tenon::Rng::below: n is " + std::to_string(n),
                     "give 1 or more: else there is no integer in [0, n)");
  }
  TENON_COLD static void refuse_range(double lo, double hi, Loc where) {
    throw ValueError(where,
                     "tenon::Rng::fill_uniform: the range is " + std::to_string(lo) + " to " + std::to_string(hi),
                     "give lo <= hi, both finite and their difference too");
  }

  State state_;
};

}  // namespace tenon::inline TENON_ABI
