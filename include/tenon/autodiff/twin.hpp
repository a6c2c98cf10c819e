// A second module like a given one: its parameters and tensors made from the other's, everything else copied.
#pragma once

#include "tenon/autodiff/parameters.hpp"
#include "tenon/tensor/send.hpp"

namespace tenon::inline TENON_ABI::detail {

/// make(x) for each Parameter and Tensor x, copies of all else, put together as in the module that it is given.
template <class F> class Twin {
 public:
  explicit Twin(const F& make) : make_(make) {}

  template <class T> T operator()(const T& x) const {
    if constexpr (is_parameter_v<T> || is_tensor_v<T>) return make_(x);
    else if constexpr (!std::is_aggregate_v<T> && std::is_constructible_v<T, const T&, const Twin&>) return T(x, *this);
    else if constexpr (send::is_copyable<T>) return x;
    else if constexpr (is_sequence_v<T>) return sequence(x);
    else if constexpr (send::optional_like<T>) return x.has_value() ? T((*this)(*x)) : T();
    else if constexpr (send::variant_like<T>) return visit([this](const auto& y) { return T((*this)(y)); }, x);
    else if constexpr (send::tuple_like<T>) return std::apply([this](const auto&... y) { return T((*this)(y)...); }, x);
    else if constexpr (std::is_aggregate_v<T>)
      return with_members(x, [this](const auto&... m) { return T{(*this)(m)...}; });
    else
      static_assert(sizeof(T) == 0,
                    "tenon::replicas: nothing tells how to make a second object of this class; give it a constructor "
                    "T(const T& other, auto&& twin) : weight(twin(other.weight)), ... {}");
  }

 private:
  template <class T, std::size_t N> std::array<T, N> sequence(const std::array<T, N>& x) const {
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return std::array<T, N>{(*this)(x[I])...}; }
    (std::make_index_sequence<N>{});
  }
  template <class T, class A> std::vector<T, A> sequence(const std::vector<T, A>& x) const {
    std::vector<T, A> r;
    r.reserve(x.size());
    for (const T& y : x) r.push_back((*this)(y));
    return r;
  }
  const F& make_;
};

}  // namespace tenon::inline TENON_ABI::detail
