// SIMD lanes: Batch<T> and Mask<T>, thin values over xsimd. This is the only file that includes xsimd, so that its
// versions (8.1 and later) differ here and nowhere else, and so that tenon's own math is what ADL finds.
#pragma once

#include <cstring>
#include <type_traits>
#include <utility>

#include "tenon/base/config.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12 blames its own _mm512_undefined_ps (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace tenon::inline TENON_ABI::simd {

/// One truth value a lane, for lanes of T.
template <class T> struct Mask {
  xsimd::batch_bool<T> v;
  static constexpr Index size = static_cast<Index>(xsimd::batch<T>::size);

  Mask() = default;
  TENON_ALWAYS_INLINE Mask(bool b) : v(b) {}
  TENON_ALWAYS_INLINE Mask(xsimd::batch_bool<T> m) : v(m) {}

  /// Reads `size` bools from p, any alignment.
  TENON_ALWAYS_INLINE static Mask load(const bool* p) {
    alignas(64) T lanes[size];
    for (Index i = 0; i < size; ++i) lanes[i] = static_cast<T>(p[i]);
    return Mask(xsimd::batch<T>::load_aligned(lanes) != xsimd::batch<T>(T(0)));
  }
  TENON_ALWAYS_INLINE void store(bool* p) const {
    alignas(64) T lanes[size];
    xsimd::select(v, xsimd::batch<T>(T(1)), xsimd::batch<T>(T(0))).store_aligned(lanes);
    for (Index i = 0; i < size; ++i) p[i] = lanes[i] != T(0);
  }

  /// The first n bools, 0 < n <= size; the lanes behind repeat the first.
  TENON_ALWAYS_INLINE static Mask load_partial(const bool* p, Index n) {
    bool lanes[size];
    for (Index i = 0; i < size; ++i) lanes[i] = p[i < n ? i : 0];
    return load(lanes);
  }
  TENON_ALWAYS_INLINE void store_partial(bool* p, Index n) const {
    bool lanes[size];
    store(lanes);
    for (Index i = 0; i < n; ++i) p[i] = lanes[i];
  }

  TENON_ALWAYS_INLINE friend Mask operator!(Mask a) { return Mask(!a.v); }
  TENON_ALWAYS_INLINE friend Mask operator&(Mask a, Mask b) { return Mask(a.v & b.v); }
  TENON_ALWAYS_INLINE friend Mask operator|(Mask a, Mask b) { return Mask(a.v | b.v); }
  /// Not through xsimd's ^, which is an "or" for masks on AVX-512 in version 8.
  TENON_ALWAYS_INLINE friend Mask operator^(Mask a, Mask b) { return Mask((a.v | b.v) & !(a.v & b.v)); }
  TENON_ALWAYS_INLINE friend Mask operator!=(Mask a, Mask b) { return a ^ b; }
  TENON_ALWAYS_INLINE friend Mask operator==(Mask a, Mask b) { return !(a ^ b); }
  TENON_ALWAYS_INLINE friend Mask select(Mask m, Mask a, Mask b) { return (m & a) | ((!m) & b); }
  TENON_ALWAYS_INLINE friend bool any(Mask a) { return xsimd::any(a.v); }
  TENON_ALWAYS_INLINE friend bool all_lanes(Mask a) { return xsimd::all(a.v); }  // `all` is a slice
};

namespace detail {
// By mask or element by element: of memcpy g++ makes `rep movs`, which takes longer than the rest of a short loop.
#if defined(__AVX512F__)
/// A mask of the first n lanes, n below its width.
template <class M> TENON_ALWAYS_INLINE M first_bits(Index n) {
  return static_cast<M>((1U << static_cast<unsigned>(n)) - 1U);
}
#endif
#if defined(__AVX__)
/// A mask of the first n words of four bytes.
TENON_ALWAYS_INLINE __m256i first_words(Index n) {
  alignas(64) static constexpr int window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(window + 8 - n));
}
#endif
/// The sum of a vector's lanes, the upper half added to the lower until one is left.
template <class T, std::size_t... I, class V> TENON_ALWAYS_INLINE T halved_sum(std::index_sequence<I...>, V x) {
  if constexpr (sizeof...(I) == 0) {
    return x[0];
  } else {
    const auto half = __builtin_shufflevector(x, x, I...) + __builtin_shufflevector(x, x, (I + sizeof...(I))...);
    return halved_sum<T>(std::make_index_sequence<sizeof...(I) / 2>{}, half);
  }
}
/// Likewise their maximum, NaN when one is.
template <class T, std::size_t... I, class V> TENON_ALWAYS_INLINE T halved_max(std::index_sequence<I...>, V x) {
  if constexpr (sizeof...(I) == 0) {
    return x[0];
  } else {
    const auto a = __builtin_shufflevector(x, x, I...), b = __builtin_shufflevector(x, x, (I + sizeof...(I))...);
    return halved_max<T>(std::make_index_sequence<sizeof...(I) / 2>{}, ((a > b) | (a != a)) ? a : b);
  }
}
}  // namespace detail

/// `size` lanes of T, float or double.
template <class T> struct Batch {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "tenon::simd::Batch: lanes of float or double");
  using value_type = T;
  xsimd::batch<T> v;
  static constexpr Index size = static_cast<Index>(xsimd::batch<T>::size);

  Batch() = default;
  template <class A>
  requires std::is_arithmetic_v<A> TENON_ALWAYS_INLINE Batch(A s) : v(static_cast<T>(s)) {}
  TENON_ALWAYS_INLINE Batch(xsimd::batch<T> b) : v(b) {}

  /// Any alignment. load_aligned and store_aligned want 64 bytes.
  TENON_ALWAYS_INLINE static Batch load(const T* p) { return Batch(xsimd::batch<T>::load_unaligned(p)); }
  TENON_ALWAYS_INLINE void store(T* p) const { v.store_unaligned(p); }
  TENON_ALWAYS_INLINE static Batch load_aligned(const T* p) { return Batch(xsimd::batch<T>::load_aligned(p)); }
  TENON_ALWAYS_INLINE void store_aligned(T* p) const { v.store_aligned(p); }
  /// Past the caches, where the processor can: for what is too large to stay there. p is aligned to the batch;
  /// streaming_fence() comes before anyone else reads it.
  TENON_ALWAYS_INLINE void store_streaming(T* p) const {
#if defined(__SSE2__)
    const auto* from = reinterpret_cast<const float*>(&v);
#if defined(__AVX512F__)
    if constexpr (sizeof(v) == 64) return _mm512_stream_ps(reinterpret_cast<float*>(p), _mm512_loadu_ps(from));
#endif
#if defined(__AVX__)
    if constexpr (sizeof(v) == 32) return _mm256_stream_ps(reinterpret_cast<float*>(p), _mm256_loadu_ps(from));
#endif
    if constexpr (sizeof(v) == 16) return _mm_stream_ps(reinterpret_cast<float*>(p), _mm_loadu_ps(from));
#endif
    v.store_aligned(p);
  }

  /// The first n elements, 0 < n < size; the lanes behind them repeat the first, so that they make no new NaN, no
  /// division by zero and no floating-point exception that the first does not make.
  TENON_ALWAYS_INLINE static Batch load_partial(const T* p, Index n) {
    if (n == 1) return Batch(p[0]);  // a scalar: common on a tape
#if defined(__AVX512F__)
    if constexpr (sizeof(v) == 64) {
      if constexpr (std::is_same_v<T, float>)
        return xsimd::batch<T>(_mm512_mask_loadu_ps(_mm512_set1_ps(p[0]), detail::first_bits<__mmask16>(n), p));
      else return xsimd::batch<T>(_mm512_mask_loadu_pd(_mm512_set1_pd(p[0]), detail::first_bits<__mmask8>(n), p));
    }
#endif
#if defined(__AVX__)
    if constexpr (sizeof(v) == 32) {
      const __m256i mask = detail::first_words(n * static_cast<Index>(sizeof(T) / 4));
      if constexpr (std::is_same_v<T, float>)
        return xsimd::batch<T>(
            _mm256_blendv_ps(_mm256_set1_ps(p[0]), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask)));
      else
        return xsimd::batch<T>(
            _mm256_blendv_pd(_mm256_set1_pd(p[0]), _mm256_maskload_pd(p, mask), _mm256_castsi256_pd(mask)));
    }
#endif
    alignas(64) T lanes[size];
    for (Index i = 0; i < size; ++i) lanes[i] = p[i < n ? i : 0];
    return load_aligned(lanes);
  }
  TENON_ALWAYS_INLINE void store_partial(T* p, Index n) const {
    if (n == 1) {
      *p = first();
      return;
    }
#if defined(__AVX512F__)
    if constexpr (sizeof(v) == 64) {
      if constexpr (std::is_same_v<T, float>) return _mm512_mask_storeu_ps(p, detail::first_bits<__mmask16>(n), v);
      else return _mm512_mask_storeu_pd(p, detail::first_bits<__mmask8>(n), v);
    }
#endif
#if defined(__AVX__)
    if constexpr (sizeof(v) == 32) {
      const __m256i mask = detail::first_words(n * static_cast<Index>(sizeof(T) / 4));
      if constexpr (std::is_same_v<T, float>) return _mm256_maskstore_ps(p, mask, v);
      else return _mm256_maskstore_pd(p, mask, v);
    }
#endif
    alignas(64) T lanes[size];
    store_aligned(lanes);
    for (Index i = 0; i < size; ++i)
      if (i < n) p[i] = lanes[i];
  }
  /// Lane 0.
  TENON_ALWAYS_INLINE T first() const { return v.get(0); }
  TENON_ALWAYS_INLINE T get(Index lane) const { return v.get(static_cast<std::size_t>(lane)); }

  TENON_ALWAYS_INLINE friend Batch operator+(Batch a, Batch b) { return Batch(a.v + b.v); }
  TENON_ALWAYS_INLINE friend Batch operator-(Batch a, Batch b) { return Batch(a.v - b.v); }
  TENON_ALWAYS_INLINE friend Batch operator*(Batch a, Batch b) { return Batch(a.v * b.v); }
  /// Of the compiler's own vectors: xsimd 8 has an estimate, two ulp off, for floats on NEON.
  TENON_ALWAYS_INLINE friend Batch operator/(Batch a, Batch b) { return Batch(xsimd::batch<T>(a.v.data / b.v.data)); }
  /// By the sign bit (xsimd 8 takes 0 - a, which is +0 at +0), of the compiler's own vectors: these it can join with a
  /// multiplication and an addition around it.
  TENON_ALWAYS_INLINE friend Batch operator-(Batch a) { return Batch(xsimd::batch<T>(-a.v.data)); }
  TENON_ALWAYS_INLINE Batch& operator+=(Batch b) { return *this = *this + b; }
  TENON_ALWAYS_INLINE Batch& operator-=(Batch b) { return *this = *this - b; }
  TENON_ALWAYS_INLINE Batch& operator*=(Batch b) { return *this = *this * b; }

  TENON_ALWAYS_INLINE friend Mask<T> operator<(Batch a, Batch b) { return Mask<T>(a.v < b.v); }
  TENON_ALWAYS_INLINE friend Mask<T> operator<=(Batch a, Batch b) { return Mask<T>(a.v <= b.v); }
  TENON_ALWAYS_INLINE friend Mask<T> operator>(Batch a, Batch b) { return Mask<T>(a.v > b.v); }
  TENON_ALWAYS_INLINE friend Mask<T> operator>=(Batch a, Batch b) { return Mask<T>(a.v >= b.v); }
  TENON_ALWAYS_INLINE friend Mask<T> operator==(Batch a, Batch b) { return Mask<T>(a.v == b.v); }
  /// Through ==, because xsimd 8 on AVX calls NaN != NaN false.
  TENON_ALWAYS_INLINE friend Mask<T> operator!=(Batch a, Batch b) { return Mask<T>(!(a.v == b.v)); }

  /// a * b + c, rounded once where the machine can. xsimd 8 has none for 512 bits: it multiplies and adds.
  TENON_ALWAYS_INLINE friend Batch fma(Batch a, Batch b, Batch c) {
#if defined(__AVX512F__)
    if constexpr (sizeof(a) == 64) {
      if constexpr (std::is_same_v<T, float>) return xsimd::batch<T>(_mm512_fmadd_ps(a.v, b.v, c.v));
      else return xsimd::batch<T>(_mm512_fmadd_pd(a.v, b.v, c.v));
    }
#endif
    return Batch(xsimd::fma(a.v, b.v, c.v));
  }
  TENON_ALWAYS_INLINE friend Batch sqrt(Batch a) {
#if defined(__aarch64__)
    if constexpr (std::is_same_v<T, float>) return Batch(xsimd::batch<T>(vsqrtq_f32(a.v)));  // as with division
#endif
    return Batch(xsimd::sqrt(a.v));
  }
  TENON_ALWAYS_INLINE friend Batch abs(Batch a) { return Batch(xsimd::abs(a.v)); }
  TENON_ALWAYS_INLINE friend Batch floor(Batch a) { return Batch(xsimd::floor(a.v)); }
  /// To the nearest integer, ties to even.
  TENON_ALWAYS_INLINE friend Batch nearbyint(Batch a) { return Batch(xsimd::nearbyint(a.v)); }
  /// True in the first n lanes.
  TENON_ALWAYS_INLINE static Mask<T> first_lanes(Index n) {
    alignas(64) T lanes[size];
    for (Index i = 0; i < size; ++i) lanes[i] = static_cast<T>(i);
    return load_aligned(lanes) < Batch(n);
  }
  /// mask ? a : b, lane by lane; the lane not chosen does not matter, not even as NaN.
  TENON_ALWAYS_INLINE friend Batch select(Mask<T> m, Batch a, Batch b) { return Batch(xsimd::select(m.v, a.v, b.v)); }
  /// Sum of the lanes, the upper half added to the lower until one is left. Not xsimd's, whose order differs between
  /// instruction sets and whose 512-bit form reads what g++ 12 calls uninitialised.
  TENON_ALWAYS_INLINE friend T reduce_add(Batch a) {
    typedef T Vector __attribute__((vector_size(sizeof(a))));
    Vector lanes;
    std::memcpy(&lanes, &a, sizeof(a));
    return detail::halved_sum<T>(std::make_index_sequence<static_cast<std::size_t>(size) / 2>{}, lanes);
  }
  /// The largest lane; NaN when one is.
  TENON_ALWAYS_INLINE friend T reduce_max(Batch a) {
    typedef T Vector __attribute__((vector_size(sizeof(a))));
    Vector lanes;
    std::memcpy(&lanes, &a, sizeof(a));
    return detail::halved_max<T>(std::make_index_sequence<static_cast<std::size_t>(size) / 2>{}, lanes);
  }
};

/// Whether rows of n elements are few whole vectors of `width`: blocks of them are worth going down by columns, because
/// the start of a row costs as much as a few vectors.
constexpr bool few_whole_vectors(Index n, Index width) { return n <= 4 * width && n % width == 0; }

/// Asks for the cache line of p, which need not be an address of anything.
TENON_ALWAYS_INLINE void prefetch(const void* p) { __builtin_prefetch(p); }

/// Orders store_streaming before what follows, for other threads too.
TENON_ALWAYS_INLINE void streaming_fence() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace tenon::inline TENON_ABI::simd
