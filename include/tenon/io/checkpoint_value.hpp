// What a checkpoint can hold besides tensors: numbers and strings, as text in the file's metadata.
#pragma once

#include <charconv>

#include "tenon/autodiff/parameters.hpp"
#include "tenon/io/safetensors.hpp"

namespace tenon::inline TENON_ABI::io::checkpoint_detail {

/// What is saved as one text.
template <class T>
inline constexpr bool is_text =
    (std::is_arithmetic_v<T> && !std::is_same_v<T, long double>) || std::is_same_v<T, std::string>;
/// What has a state beside tensors: a generator, an optimiser, batches.
template <class T>
concept stateful = requires(T& t) {
  t.set_state(std::as_const(t).state());
};
template <class T> inline constexpr bool is_one_thing = is_parameter_v<T> || tenon::detail::is_tensor_v<T>;
/// What for_each_state is asked to enter. It refuses classes that it does not understand.
template <class T> inline constexpr bool has_tensors = !is_text<T> && (!stateful<T> || lists_members<T>);

struct Nothing {};
template <class T> struct ParsedOf { using type = Nothing; };
template <class T>
requires is_text<T>
struct ParsedOf<T> {
  using type = T;
};
template <stateful T> struct ParsedOf<T> {
  using type = std::remove_cvref_t<decltype(std::declval<const T&>().state())>;
};

/// A name, or something that outlives the call.
template <class A>
inline constexpr bool name_or_lvalue = std::is_lvalue_reference_v<A> || std::is_convertible_v<A, std::string_view>;

template <class T> constexpr std::string_view kind_of() {
  if constexpr (std::is_same_v<T, bool>) return "0 or 1";
  else if constexpr (std::is_integral_v<T>) return "whole number in range";
  else if constexpr (std::is_floating_point_v<T>) return "number in range";
  else return "text";
}
/// Brings back the very number when it is read.
template <class T> std::string text_of(const T& x) {
  static_assert(is_text<T>, "tenon::io::Checkpoint: a state is a plain struct of numbers and strings");
  if constexpr (std::is_same_v<T, std::string>) return x;
  else if constexpr (std::is_same_v<T, bool>) return x ? "1" : "0";
  else {
    char digits[64];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
  }
}
/// False when the text is no T.
template <class T> bool parse_text(const std::string& text, T& x) {
  static_assert(is_text<T>, "tenon::io::Checkpoint: a state is a plain struct of numbers and strings");
  if constexpr (std::is_same_v<T, std::string>) {
    x = text;
    return true;
  } else if constexpr (std::is_same_v<T, bool>) {
    x = text == "1";
    return x || text == "0";
  } else {
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, x);
    return error == std::errc() && rest == end;
  }
}

}  // namespace tenon::inline TENON_ABI::io::checkpoint_detail
