// The members of a plain struct, by number and by name, without a macro: counted by trying braces, reached by structured
// bindings, named by what the compiler prints for their addresses.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/base/dtype.hpp"
#include "tenon/base/reflect_bind.hpp"

namespace tenon::inline TENON_ABI {

/// The most members for_each_member finds by itself.
inline constexpr std::size_t most_members = 64;

namespace reflect_detail {

/// Initialises a member of any type, references excepted; never defined.
struct AnyMember {
  template <class T>
  constexpr operator T() const;
};
/// Initialises references only.
struct AnyReference {
  template <class T>
  constexpr operator T&() const;
};
/// Initialises base classes of D only.
template <class D>
struct AnyBase {
  template <class B>
    requires(std::is_base_of_v<B, D> && !std::is_same_v<B, D>)
  constexpr operator B() const;
};

template <class T, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
  return requires { T{(void(I), AnyMember{})...}; };
}
template <class T, std::size_t... I>
consteval bool takes_braces(std::index_sequence<I...>) {
  return requires { T{(void(I), {})...}; };
}
template <class T, class Last, std::size_t... I>
consteval bool takes_then(std::index_sequence<I...>) {
  return requires { T{(void(I), AnyMember{})..., Last{}}; };
}
template <class T, class First, std::size_t... I>
consteval bool takes_after(std::index_sequence<I...>) {
  return requires { T{First{}, (void(I), AnyMember{})...}; };
}

inline constexpr std::size_t no_count = static_cast<std::size_t>(-1);

/// T takes Lo initialisers and not Hi.
template <class T, std::size_t Lo, std::size_t Hi>
consteval std::size_t bisect() {
  if constexpr (Hi - Lo == 1) return Lo;
  else if constexpr (takes<T>(std::make_index_sequence<(Lo + Hi) / 2>{})) return bisect<T, (Lo + Hi) / 2, Hi>();
  else return bisect<T, Lo, (Lo + Hi) / 2>();
}
/// T takes Lo initialisers: doubles the step until it takes no more. more than most_members: most_members + 1.
template <class T, std::size_t Lo, std::size_t Step>
consteval std::size_t gallop() {
  if constexpr (Lo > most_members) return most_members + 1;
  else if constexpr (takes<T>(std::make_index_sequence<Lo + Step>{})) return gallop<T, Lo + Step, 2 * Step>();
  else return bisect<T, Lo, Lo + Step>();
}
/// Members without a default constructor make small numbers fail, so the first that builds is looked for.
template <class T, std::size_t N = 0>
consteval std::size_t count() {
  if constexpr (takes<T>(std::make_index_sequence<N>{})) return gallop<T, N, 1>();
  else if constexpr (N <= most_members) return count<T, N + 1>();
  else return no_count;
}
template <class T>
inline constexpr std::size_t count_v = count<T>();

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"  // the next two are known to clang only
#pragma GCC diagnostic ignored "-Wundefined-var-template"
#pragma GCC diagnostic ignored "-Wundefined-internal"
template <class T>
struct Phantom {
  T value;
};
template <class T>
extern const Phantom<T> phantom;  // never defined: only addresses in it are named

/// Where the members of a T lie. A function, because g++ would emit a variable, and with it a use of the phantom.
template <class T>
consteval auto addresses() {
  return Bind<count_v<T>>::apply(phantom<T>.value, [](const auto&... m) {
    return std::array<const volatile void*, sizeof...(m)>{&m...};
  });
}
template <class T>
consteval bool has_array() {
  return Bind<count_v<T>>::apply(phantom<T>.value,
                                 []<class... M>(const M&...) { return (std::is_array_v<M> || ... || false); });
}
#pragma GCC diagnostic pop

struct Address {  // clang 14 refuses a bare pointer to a member as a template argument, but takes one in a class
  const volatile void* p;
};
template <auto>
struct Constant;

/// g++: "... [with Address P = Address{((const volatile void*)(& phantom<Net>.Phantom<Net>::value.Net::hidden))}]"
/// clang: "... [P = {&phantom.value.hidden}]"
template <Address P>
consteval const char* printed() {
  return __PRETTY_FUNCTION__;
}
template <class T, std::size_t I>
consteval std::string_view name_in_print() {
  std::string_view s = printed<Address{addresses<T>()[I]}>();
  while (s.ends_with(']') || s.ends_with('}') || s.ends_with(')')) s.remove_suffix(1);
  return s.substr(s.find_last_of(".:") + 1);
}

/// The names alone, so that the long prints do not end up in the program.
template <std::size_t Count, std::size_t Chars>
struct NameTable {
  char text[Chars + 1] = {};
  std::size_t end[Count + 1] = {};
  constexpr std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : end[i - 1];
    return {text + begin, end[i] - begin};
  }
};
template <class T, std::size_t... I>
consteval auto make_names(std::index_sequence<I...>) {
  NameTable<sizeof...(I), (name_in_print<T, I>().size() + ... + 0)> names;
  std::size_t at = 0, i = 0;
  const auto append = [&](std::string_view s) {
    for (char c : s) names.text[at++] = c;
    names.end[i++] = at;
  };
  (append(name_in_print<T, I>()), ...);
  return names;
}
template <class T>
inline constexpr auto names_v = make_names<T>(std::make_index_sequence<count_v<T>>{});

struct AnyVisitor {
  template <class M>
  void operator()(std::string_view, M&) const;
};

enum class Fault { none, not_plain, base, reference, array, too_many };

template <class T>
consteval Fault fault_of() {
  if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>) return Fault::not_plain;
  else if constexpr (count_v<T> == no_count) return Fault::reference;
  else if constexpr (count_v<T> > most_members) return Fault::too_many;
  else if constexpr (count_v<T> == 0) return Fault::none;
  else if constexpr (takes_after<T, AnyBase<T>>(std::make_index_sequence<count_v<T> - 1>{})) return Fault::base;
  else if constexpr (takes_then<T, AnyReference>(std::make_index_sequence<count_v<T>>{})) return Fault::reference;
  else return Fault::none;
}
}  // namespace reflect_detail

}  // namespace tenon::inline TENON_ABI
