// Element types: their names, the two 16-bit storage types, and what is computed with them.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI {

/// Details of the 16-bit formats; each takes and gives bit patterns, rounding to nearest, ties to even.
namespace half_bits {

/// The upper half of a float; a NaN stays a NaN (made quiet), what is too large becomes infinite.
constexpr std::uint16_t to_bfloat16(float x) noexcept {
  const auto u = std::bit_cast<std::uint32_t>(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((u >> 16) | 0x40u);
  return static_cast<std::uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}
constexpr float from_bfloat16(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// IEEE binary16: 5 bits of exponent (bias 15), 10 of fraction; 65504 is the largest, 2^-24 the smallest.
constexpr std::uint16_t to_float16(float x) noexcept {
  const auto u = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = (u >> 16) & 0x8000u, a = u & 0x7fffffffu;
  if (a > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u | ((a >> 13) & 0x3ffu));
  if (a >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);  // 65520 and above round to infinity
  if (a >= 0x38800000u) {                                                   // 2^-14: normal numbers; a carry is right
    const std::uint32_t r = a + 0xfffu + ((a >> 13) & 1u) - (112u << 23);
    return static_cast<std::uint16_t>(sign | (r >> 13));
  }
  // A denormal is a multiple of 2^-24. Adding 0.5 puts that unit at the float's last bit, so the addition rounds it.
  const float shifted = std::bit_cast<float>(a) + 0.5f;
  return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
}
constexpr float from_float16(std::uint16_t bits) noexcept {
  const std::uint32_t sign = (bits & 0x8000u) << 16, a = bits & 0x7fffu;
  if (a >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((a & 0x3ffu) << 13));
  if (a >= 0x0400u) return std::bit_cast<float>(sign | ((a << 13) + (112u << 23)));
  const float magnitude = static_cast<float>(a) * 0x1p-24f;  // exact
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

/// x as a float whose last bit is set whenever x lies between two floats ("round to odd"): rounding that float once
/// more, to at most 22 bits, then gives what rounding x itself gives. Source: Boldo and Melquiond, IEEE TC 57(4), 2008.
constexpr float to_odd_float(double x) noexcept {
  const auto f = static_cast<float>(x);
  const double back = f;
  if (!(back < x || back > x)) return f;  // exact, or NaN
  const auto u = std::bit_cast<std::uint32_t>(f);
  const bool away = (back > x) == (x > 0);  // f is further from zero than x
  return std::bit_cast<float>((away ? u - 1u : u) | 1u);
}

template <class T> constexpr float nearest_or_odd_float(T x) noexcept {
  if constexpr (std::is_same_v<T, float>) return x;
  else return to_odd_float(static_cast<double>(x));
}
}  // namespace half_bits

/// A float cut to 16 bits: the range of float, 8 bits of precision. For storage: arithmetic is done in float, to which
/// it converts by itself and without loss; the way back is explicit and rounds to nearest even.
class bfloat16 {
 public:
  bfloat16() = default;
  /// Correctly rounded from float and double and from integers below 2^53.
  template <class T>
  requires std::is_arithmetic_v<T>
  constexpr explicit bfloat16(T x) noexcept : bits_(half_bits::to_bfloat16(half_bits::nearest_or_odd_float(x))) {}
  constexpr operator float() const noexcept { return half_bits::from_bfloat16(bits_); }

  static constexpr bfloat16 from_bits(std::uint16_t bits) noexcept { return std::bit_cast<bfloat16>(bits); }
  constexpr std::uint16_t bits() const noexcept { return bits_; }

 private:
  std::uint16_t bits_;
};

/// IEEE binary16: 11 bits of precision, largest 65504, smallest 2^-24. Converts as bfloat16 does.
class float16 {
 public:
  float16() = default;
  /// Correctly rounded from float and double and from integers below 2^53.
  template <class T>
  requires std::is_arithmetic_v<T>
  constexpr explicit float16(T x) noexcept : bits_(half_bits::to_float16(half_bits::nearest_or_odd_float(x))) {}
  constexpr operator float() const noexcept { return half_bits::from_float16(bits_); }

  static constexpr float16 from_bits(std::uint16_t bits) noexcept { return std::bit_cast<float16>(bits); }
  constexpr std::uint16_t bits() const noexcept { return bits_; }

 private:
  std::uint16_t bits_;
};

/// The element type of a tensor, when it is known at run time only.
enum class Dtype : std::uint8_t { float32, float64, int32, int64, uint8, boolean, bfloat16, float16 };
inline constexpr int dtype_count = 8;

/// What an element type T tells about itself. A new element type specialises it with the same members; `dtype` may be
/// missing for a type that no file holds.
///   name, short_name  in messages ("float32", "f32")
///   Compute           the type arithmetic on T is done in
///   Accumulate        the type a sum of many T is kept in
template <class T> struct ElementTraits;

namespace dtype_detail {
template <Dtype D, class ComputeType, class AccumulateType> struct Known {
  static constexpr Dtype dtype = D;
  using Compute = ComputeType;
  using Accumulate = AccumulateType;
};
}  // namespace dtype_detail

// clang-format off
template <> struct ElementTraits<float> : dtype_detail::Known<Dtype::float32, float, float> { static constexpr std::string_view name = "float32", short_name = "f32"; };
template <> struct ElementTraits<double> : dtype_detail::Known<Dtype::float64, double, double> { static constexpr std::string_view name = "float64", short_name = "f64"; };
template <> struct ElementTraits<std::int32_t> : dtype_detail::Known<Dtype::int32, std::int32_t, std::int64_t> { static constexpr std::string_view name = "int32", short_name = "i32"; };
template <> struct ElementTraits<std::int64_t> : dtype_detail::Known<Dtype::int64, std::int64_t, std::int64_t> { static constexpr std::string_view name = "int64", short_name = "i64"; };
template <> struct ElementTraits<std::uint8_t> : dtype_detail::Known<Dtype::uint8, std::uint8_t, std::int64_t> { static constexpr std::string_view name = "uint8", short_name = "u8"; };
template <> struct ElementTraits<bool> : dtype_detail::Known<Dtype::boolean, bool, std::int64_t> { static constexpr std::string_view name = "bool", short_name = "bool"; };
template <> struct ElementTraits<bfloat16> : dtype_detail::Known<Dtype::bfloat16, float, float> { static constexpr std::string_view name = "bfloat16", short_name = "bf16"; };
template <> struct ElementTraits<float16> : dtype_detail::Known<Dtype::float16, float, float> { static constexpr std::string_view name = "float16", short_name = "f16"; };
// clang-format on

/// Whether a tensor may hold T (const or not): T has ElementTraits.
template <class T> inline constexpr bool is_element_v = requires { typename ElementTraits<T>::Compute; };
template <class T> inline constexpr bool is_element_v<const T> = is_element_v<T>;
template <class T>
concept element = is_element_v<T>;

/// Whether T is bfloat16 or float16: stored in 16 bits, computed with in float.
template <class T>
inline constexpr bool is_half_v =
    std::is_same_v<std::remove_const_t<T>, bfloat16> || std::is_same_v<std::remove_const_t<T>, float16>;

template <element T> inline constexpr std::string_view dtype_name = ElementTraits<std::remove_const_t<T>>::name;
template <element T>
inline constexpr std::string_view dtype_short_name = ElementTraits<std::remove_const_t<T>>::short_name;
template <element T> inline constexpr Dtype dtype_of = ElementTraits<std::remove_const_t<T>>::dtype;
/// float for the 16-bit types, else T.
template <element T> using compute_t = typename ElementTraits<std::remove_const_t<T>>::Compute;
/// float for the 16-bit types, T for float and double, int64 for integers and bool.
template <element T> using accumulate_t = typename ElementTraits<std::remove_const_t<T>>::Accumulate;

/// Calls f.template operator()<T>() with the element type that d stands for and returns what it returns.
template <class F> constexpr decltype(auto) with_dtype(Dtype d, F&& f) {
  switch (d) {
    case Dtype::float32:
      return f.template operator()<float>();
    case Dtype::float64:
      return f.template operator()<double>();
    case Dtype::int32:
      return f.template operator()<std::int32_t>();
    case Dtype::int64:
      return f.template operator()<std::int64_t>();
    case Dtype::uint8:
      return f.template operator()<std::uint8_t>();
    case Dtype::boolean:
      return f.template operator()<bool>();
    case Dtype::bfloat16:
      return f.template operator()<bfloat16>();
    case Dtype::float16:
      break;
  }
  return f.template operator()<float16>();
}

constexpr std::string_view name_of(Dtype d) {
  return with_dtype(d, []<class T>() { return dtype_name<T>; });
}
constexpr std::string_view short_name_of(Dtype d) {
  return with_dtype(d, []<class T>() { return dtype_short_name<T>; });
}
/// Bytes an element takes.
constexpr Index size_of(Dtype d) {
  return with_dtype(d, []<class T>() { return static_cast<Index>(sizeof(T)); });
}
/// The dtype with this long or short name, or nothing.
constexpr std::optional<Dtype> dtype_from_name(std::string_view name) {
  for (int i = 0; i < dtype_count; ++i) {
    const auto d = static_cast<Dtype>(i);
    if (name == name_of(d) || name == short_name_of(d)) return d;
  }
  return std::nullopt;
}

}  // namespace tenon::inline TENON_ABI
