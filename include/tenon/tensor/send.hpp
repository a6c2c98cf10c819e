// What may go from one thread to another, and how its owners change hands.
#pragma once

#include <tuple>

#include "tenon/base/path.hpp"
#include "tenon/base/random.hpp"
#include "tenon/base/reflect.hpp"
#include "tenon/memory/arena.hpp"
#include "tenon/tensor/frozen.hpp"

namespace tenon::inline TENON_ABI {

/// Never defined: the compiler's error names with it the type that may not go to another thread.
template <class T> struct not_sendable;

namespace send {

struct AnyVisitor {
  template <class S> void operator()(S&) const;
};
/// A Tensor, a Frozen, a Parameter.
template <class T>
concept owner = requires(T& t) {
  t.for_each_storage(AnyVisitor{});
};
/// std::unique_ptr, std::optional, std::variant, std::tuple and std::pair are known by what they can do: their headers
/// are heavy, and whoever has one has included it.
template <class T>
concept unique_pointer = requires(T& t) {
  typename T::deleter_type;
  t.get();
};
template <class T>
concept optional_like = requires(T& t) {
  t.has_value();
  t.value();
};
template <class T>
concept variant_like = requires(T& t) {
  t.valueless_by_exception();
  t.index();
};
template <class T>
concept tuple_like = requires {
  std::tuple_size<T>::value;
};

/// Numbers, enums, std::string, Rng, objects without members. Pointers, string views among them, are not.
template <class T>
inline constexpr bool is_plain = std::is_arithmetic_v<T> || std::is_enum_v<T> || is_half_v<T> ||
                                 std::is_same_v<T, std::string> || std::is_same_v<T, Rng> || std::is_empty_v<T>;
/// A plain struct of which the members are found.
template <class T> consteval bool has_known_members() {
  if constexpr (!std::is_class_v<T>) return false;
  else if constexpr (lists_members<T>) return true;
  else return reflect_detail::fault_v<T> == reflect_detail::Fault::none;
}

template <class T> void refuse() {
  (void)sizeof(not_sendable<T>);
  static_assert(
      sizeof(T) == 0,
      "tenon::spawn: what not_sendable<...> above names may not go to another thread, because it may refer to "
      "what this thread has. Send Tensors and modules (by std::move), Frozen, numbers, Rng, std::string, and "
      "structs, std::array, std::vector, std::tuple, std::optional, std::unique_ptr of those; views, values, "
      "steps, pointers, references and captures stay: clone() what they read");
}

/// Calls found(path, storage or arena) for everything in x that belongs to a thread. Does not compile for what may not
/// go to another thread.
template <class T, class F> void for_each_owner(T& x, const Path& here, F& found) {
  if constexpr (is_plain<T>) {
  } else if constexpr (owner<T>) {
    x.for_each_storage([&](memory::Storage& s) { found(here, s); });
  } else if constexpr (std::is_same_v<T, Arena>) {
    found(here, x);
  } else if constexpr (is_sequence_v<T>) {
    if constexpr (!is_plain<typename T::value_type>)
      for (Index i = 0; auto& y : x) for_each_owner(y, Path{&here, {}, i++}, found);
  } else if constexpr (unique_pointer<T>) {
    if (x) for_each_owner(*x, here, found);
  } else if constexpr (optional_like<T>) {
    if (x.has_value()) for_each_owner(*x, here, found);
  } else if constexpr (variant_like<T>) {
    visit([&](auto& y) { for_each_owner(y, here, found); }, x);  // std::visit
  } else if constexpr (tuple_like<T>) {
    Index i = 0;
    std::apply([&](auto&... y) { (for_each_owner(y, Path{&here, {}, i++}, found), ...); }, x);
  } else if constexpr (has_known_members<T>()) {
    for_each_member(x, [&](std::string_view name, auto& y) { for_each_owner(y, Path{&here, name}, found); });
  } else {
    refuse<T>();
  }
}

/// Throws OwnershipError unless what x owns may leave this thread now. Changes nothing.
template <class T> void check_leaving(T& x, const Path& here, std::string_view op, Loc at) {
  auto check = [&](const Path& path, auto& owned) {
    if constexpr (checks > 0) {
      if constexpr (std::is_same_v<decltype(owned), Arena&>) {
        if (owned.top() != nullptr)
          throw OwnershipError(at, "tenon::" + std::string(op) + ": a Step or Scope of '" + path.str() + "' is open",
                               "end it first");
      } else if (owned) {
        memory::check(owned.stamp(), op, at);
        if (owned.cell().holder != nullptr || owned.cell().owners != 1)
          throw OwnershipError(at,
                               "tenon::" + std::string(op) + ": '" + path.str() +
                                   "' is still read by an open Step or Scope, or by an expression" +
                                   memory::detail::born(owned.cell()),
                               "end the frame and the expression first, or hand over a clone()");
      }
    }
  };
  for_each_owner(x, here, check);
}
inline void set_owner(memory::Storage& s, std::uint32_t thread) noexcept {
  if (s) s.cell().state.store(thread, std::memory_order_relaxed);
}
template <class T> void set_owners(T& x, std::uint32_t thread) noexcept {
  auto set = [&](const Path&, auto& owned) {
    if constexpr (!std::is_same_v<decltype(owned), Arena&>) set_owner(owned, thread);
  };
  for_each_owner(x, Path{}, set);
}
/// From now on no thread may use what x owns. Pre: check_leaving(x).
template <class T> void leave(T& x) noexcept { set_owners(x, memory::in_transit); }
/// The calling thread is its owner.
template <class T> void arrive(T& x) noexcept { set_owners(x, memory::thread_id()); }

/// Whether a T can be copied. A vector, and a struct of one, say so themselves whatever stands in it.
template <class T> consteval bool copies();
struct AllCopy {
  template <class... M> auto operator()(M&...) const {
    return std::bool_constant<(copies<std::remove_cvref_t<M>>() && ...)>();
  }
};
template <class T> consteval bool copies() {
  if constexpr (!std::is_copy_constructible_v<T>) return false;
  else if constexpr (is_sequence_v<T>) return copies<typename T::value_type>();
  else if constexpr (std::is_aggregate_v<T> && !std::is_trivially_copyable_v<T> && has_known_members<T>())
    return decltype(with_members(std::declval<T&>(), AllCopy()))::value;
  else return true;
}
template <class T> inline constexpr bool is_copyable = copies<T>();

}  // namespace send
}  // namespace tenon::inline TENON_ABI
