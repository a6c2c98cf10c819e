// The members of a plain struct, by number and by name, without a macro: counted by trying braces, reached by
// structured bindings, named by what the compiler prints for their addresses.
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
  template <class T> operator T() const;
};
/// Initialises references only.
struct AnyReference {
  template <class T> operator T&() const;
};
/// Initialises base classes of D only.
template <class D> struct AnyBase {
  template <class B>
  requires(std::is_base_of_v<B, D> && !std::is_same_v<B, D>) operator B() const;
};

template <class T, std::size_t... I> consteval bool takes(std::index_sequence<I...>) {
  return requires { T{(void(I), AnyMember{})...}; };
}
template <class T, class Last, std::size_t... I> consteval bool takes_then(std::index_sequence<I...>) {
  return requires { T{(void(I), AnyMember{})..., Last{}}; };
}
template <class T, class First, std::size_t... I> consteval bool takes_after(std::index_sequence<I...>) {
  return requires { T{First{}, (void(I), AnyMember{})...}; };
}

inline constexpr std::size_t no_count = static_cast<std::size_t>(-1);

/// T takes Lo initialisers and not Hi.
template <class T, std::size_t Lo, std::size_t Hi> consteval std::size_t bisect() {
  if constexpr (Hi - Lo == 1) return Lo;
  else if constexpr (takes<T>(std::make_index_sequence<(Lo + Hi) / 2>{})) return bisect<T, (Lo + Hi) / 2, Hi>();
  else return bisect<T, Lo, (Lo + Hi) / 2>();
}
/// T takes Lo initialisers: doubles the step until it takes no more. Past most_members it gives up.
template <class T, std::size_t Lo, std::size_t Step> consteval std::size_t gallop() {
  if constexpr (Lo > most_members) return most_members + 1;
  else if constexpr (takes<T>(std::make_index_sequence<Lo + Step>{})) return gallop<T, Lo + Step, 2 * Step>();
  else return bisect<T, Lo, Lo + Step>();
}
/// Members without a default constructor make small numbers fail, so the first that builds is looked for.
template <class T, std::size_t N = 0> consteval std::size_t count() {
  if constexpr (takes<T>(std::make_index_sequence<N>{})) return gallop<T, N, 1>();
  else if constexpr (N <= most_members) return count<T, N + 1>();
  else return no_count;
}
template <class T> inline constexpr std::size_t count_v = count<T>();

/// Takes any member for each I, an empty list for each of K members (4 or 1), any for each J.
template <class T, int K, std::size_t... I, std::size_t... J>
consteval bool takes_empty(std::index_sequence<I...>, std::index_sequence<J...>) {
  if constexpr (K == 4) {
    return requires { T{(void(I), AnyMember{})..., {}, {}, {}, {}, (void(J), AnyMember{})...}; };
  } else {
    return requires { T{(void(I), AnyMember{})..., {}, (void(J), AnyMember{})...}; };
  }
}
/// Whether a C array of Size elements or more starts at initialiser At: one empty list then stands for all of them.
template <class T, std::size_t At, std::size_t Size> consteval bool array_at() {
  if constexpr (At + Size > count_v<T>) return false;
  else if constexpr (takes_empty<T, 1>(std::make_index_sequence<At>{},
                                       std::make_index_sequence<count_v<T> - At - Size>{}))
    return true;
  else return array_at<T, At, Size + 1>();
}
/// Whether one of the initialisers [At, count) belongs to a C array. Those that take an empty list do not; they are
/// tried 4 at once, because each trial costs as much as there are members.
template <class T, std::size_t At, int K> consteval bool array_from() {
  constexpr std::size_t n = count_v<T>;
  if constexpr (At == n) return false;
  else if constexpr (At + K > n) return array_from<T, At, 1>();
  else if constexpr (takes_empty<T, K>(std::make_index_sequence<At>{}, std::make_index_sequence<n - At - K>{}))
    return array_from<T, At + K, K>();
  else if constexpr (K > 1) return array_from<T, At, 1>();
  else if constexpr (array_at<T, At, 2>()) return true;
  else return array_from<T, At + 1, 1>();
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"  // the next two are known to clang only
#pragma GCC diagnostic ignored "-Wundefined-var-template"
#pragma GCC diagnostic ignored "-Wundefined-internal"
template <class T> struct Phantom { T value; };
template <class T> extern const Phantom<T> phantom;  // never defined: only addresses in it are named

/// Where the members of a T lie. A function, because g++ would emit a variable, and with it a use of the phantom.
template <class T> consteval auto addresses() {
  return Bind<count_v<T>>::apply(
      phantom<T>.value, [](const auto&... m) { return std::array<const volatile void*, sizeof...(m)>{&m...}; });
}
template <class T> consteval bool has_array() {
  return Bind<count_v<T>>::apply(phantom<T>.value,
                                 []<class... M>(const M&...) { return (std::is_array_v<M> || ... || false); });
}
#pragma GCC diagnostic pop

struct Address {  // clang 14 refuses a bare pointer to a member as a template argument, but takes one in a class
  const volatile void* p;
};
template <auto> struct Constant;

/// g++: "... [with Address P = Address{((const volatile void*)(& phantom<Net>.Phantom<Net>::value.Net::hidden))}]"
/// clang: "... [P = {&phantom.value.hidden}]"
template <Address P> consteval const char* printed() { return __PRETTY_FUNCTION__; }
template <class T, std::size_t I> consteval std::string_view name_in_print() {
  std::string_view s = printed<Address{addresses<T>()[I]}>();
  while (s.ends_with(']') || s.ends_with('}') || s.ends_with(')')) s.remove_suffix(1);
  return s.substr(s.find_last_of(".:") + 1);
}

/// The names alone, so that the long prints do not end up in the program.
template <std::size_t Count, std::size_t Chars> struct NameTable {
  char text[Chars + 1] = {};
  std::size_t end[Count + 1] = {};
  constexpr std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : end[i - 1];
    return {text + begin, end[i] - begin};
  }
};
template <class T, std::size_t... I> consteval auto make_names(std::index_sequence<I...>) {
  NameTable<sizeof...(I), (name_in_print<T, I>().size() + ... + 0)> names;
  std::size_t at = 0, i = 0;
  [[maybe_unused]] const auto append = [&](std::string_view s) {
    for (char c : s) names.text[at++] = c;
    names.end[i++] = at;
  };
  (append(name_in_print<T, I>()), ...);
  return names;
}
template <class T> inline constexpr auto names_v = make_names<T>(std::make_index_sequence<count_v<T>>{});

struct AnyVisitor {
  template <class M> void operator()(std::string_view, M&) const;
};

enum class Fault { none, not_plain, base, reference, array, too_many };

template <class T> consteval Fault fault_of() {
  if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>) return Fault::not_plain;
  else if constexpr (count_v<T> == no_count) return Fault::reference;
  else if constexpr (count_v<T> > most_members) return Fault::too_many;
  else if constexpr (count_v<T> == 0) return Fault::none;
  else if constexpr (takes_after<T, AnyBase<T>>(std::make_index_sequence<count_v<T> - 1>{})) return Fault::base;
  else if constexpr (takes_then<T, AnyReference>(std::make_index_sequence<count_v<T>>{})) return Fault::reference;
  else if constexpr (array_from<T, 0, 4>()) return Fault::array;
  else if constexpr (!requires { typename Constant<addresses<T>()>; }) return Fault::reference;  // whose address is it?
  else if constexpr (has_array<T>()) return Fault::array;                                        // of one element
  else return Fault::none;
}
template <class T> inline constexpr Fault fault_v = fault_of<T>();

/// Whether the members of T can be found; stops the build with the reason when not.
template <class T> consteval bool understood() {
  constexpr Fault f = fault_v<T>;
  static_assert(f != Fault::not_plain,
                "tenon: this class has constructors, private members or virtual functions; give it members(visit)");
  static_assert(f != Fault::base,
                "tenon: this class has a base class; make the base a member or give it members(visit)");
  static_assert(
      f != Fault::reference,
      "tenon: this class has a reference among its members, or one that nothing initialises; give it members(visit)");
  static_assert(f != Fault::array,
                "tenon: this class has a C array among its members; make it a std::array or give it members(visit)");
  static_assert(
      f != Fault::too_many,
      "tenon: this class has more than 64 members or a long C array; group them in structs or give it members(visit)");
  return f == Fault::none;
}
}  // namespace reflect_detail

/// Whether T lists its members itself: `void members(auto&& visit) { visit("gain", gain); visit("bias", bias); }`.
template <class T>
concept lists_members = requires(T& t, reflect_detail::AnyVisitor visit) {
  t.members(visit);
};

/// How many members the plain struct T has. Does not compile for a class that for_each_member refuses.
template <class T>
requires(reflect_detail::understood<T>()) inline constexpr std::size_t member_count = reflect_detail::count_v<T>;

/// Name of member I of the plain struct T, in order of declaration.
template <class T, std::size_t I>
requires(reflect_detail::understood<T>()) inline constexpr std::string_view member_name = reflect_detail::names_v<T>[I];

/// Calls f with all members of a plain struct at once (as const when the struct is) and returns what it returns;
/// `with_members(t, [](auto&... m) { return std::tie(m...); })` ties them.
template <class T, class F> constexpr decltype(auto) with_members(T& object, F&& f) {
  if constexpr (reflect_detail::understood<std::remove_const_t<T>>()) {
    return reflect_detail::Bind<reflect_detail::count_v<std::remove_const_t<T>>>::apply(object, static_cast<F&&>(f));
  }
}

/// Calls visit(std::string_view name, auto& member) for each member of the object, in order of declaration; members of
/// a const object are const. A class that lists its members (see lists_members) is asked; any other must be a plain
/// struct with at most 64 members and no base class, reference or C array, else it does not compile.
template <class T, class F> constexpr void for_each_member(T& object, F&& visit) {
  using Plain = std::remove_const_t<T>;
  if constexpr (lists_members<Plain>) {
    // members() is written once, without const; it only passes references on, and they are const again here.
    const_cast<Plain&>(object).members([&](std::string_view name, auto& member) {
      if constexpr (std::is_const_v<T>) visit(name, std::as_const(member));
      else visit(name, member);
    });
  } else if constexpr (reflect_detail::understood<Plain>()) {
    reflect_detail::Bind<reflect_detail::count_v<Plain>>::apply(object, [&](auto&... member) {
      [[maybe_unused]] std::size_t i = 0;
      (visit(reflect_detail::names_v<Plain>[i++], member), ...);
    });
  }
}

/// Whether T holds no parameters and no members of interest: numbers (16-bit ones too), bool, characters, enums,
/// std::string, std::string_view and const char*.
template <class T>
inline constexpr bool is_plain_member_v = std::is_arithmetic_v<T> || std::is_enum_v<T> || is_half_v<T>;
template <class T> inline constexpr bool is_plain_member_v<const T> = is_plain_member_v<T>;
template <> inline constexpr bool is_plain_member_v<std::string> = true;
template <> inline constexpr bool is_plain_member_v<std::string_view> = true;
template <> inline constexpr bool is_plain_member_v<const char*> = true;

/// Whether T is a std::array or std::vector: its elements are members named by their number.
template <class T> inline constexpr bool is_sequence_v = false;
template <class T> inline constexpr bool is_sequence_v<const T> = is_sequence_v<T>;
template <class T, std::size_t N> inline constexpr bool is_sequence_v<std::array<T, N>> = true;
template <class T, class A> inline constexpr bool is_sequence_v<std::vector<T, A>> = true;

}  // namespace tenon::inline TENON_ABI
