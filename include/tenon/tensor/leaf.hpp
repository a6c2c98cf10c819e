// What stands in an expression for an operand: where its elements lie, and how it is checked that they still do.
//
// A leaf has
//   dtype, shape_type, context   context: how an expression that holds it is evaluated (PlainContext here; autodiff/ has
//                                the recording one)
//   dense                        whether the elements are row-major without gaps
//   tag                          >= 0: leaves of this tag are one operand (value_and_grad numbers its arguments)
//   data(), shape(), strides(), check(op, at)
#pragma once

#include "tenon/memory/counters.hpp"
#include "tenon/memory/storage.hpp"
#include "tenon/shape/broadcast.hpp"
#include "tenon/shape/layout.hpp"
#include "tenon/tensor/graph.hpp"

namespace tenon::inline TENON_ABI {

/// Evaluates into counted storage on the heap and records nothing; tensor/evaluate.hpp.
struct PlainContext;

/// A tensor the user named: borrowed, checked by owner and version when the loop starts.
template <class T, class S> class Borrowed {
 public:
  using dtype = T;
  using shape_type = S;
  using context = PlainContext;
  static constexpr bool dense = true;
  static constexpr int tag = -1;

  Borrowed(const T* data, const S& shape, memory::Stamp stamp)
      : data_(data), stamp_(stamp), version_(stamp.version()), shape_(shape) {}
  /// Building an expression copies its leaves from one to the next.
  TENON_ALWAYS_INLINE Borrowed(const Borrowed& o)
      : data_(memory::single_word(o.data_)),
        stamp_(memory::word_by_word(o.stamp_)),
        version_(memory::single_word(o.version_)),
        shape_(o.shape_) {}
  Borrowed& operator=(const Borrowed&) = default;
  const T* data() const { return data_; }
  const S& shape() const { return shape_; }
  Strides<S::rank> strides() const { return row_major(shape_); }
  TENON_ALWAYS_INLINE void check(std::string_view op, Loc at) const { memory::check(stamp_, version_, op, at); }
  memory::Stamp stamp() const { return stamp_; }
  std::uint64_t version() const { return version_; }

 private:
  const T* data_;
  memory::Stamp stamp_;
  std::uint64_t version_;
  [[no_unique_address]] S shape_;
};

/// A view: borrowed as a tensor is, with strides of its own.
template <class T, class S> class BorrowedView : public Borrowed<T, S> {
 public:
  static constexpr bool dense = false;
  BorrowedView(const T* data, const S& shape, const Strides<S::rank>& strides, memory::Stamp stamp)
      : Borrowed<T, S>(data, shape, stamp), strides_(strides) {}
  const Strides<S::rank>& strides() const { return strides_; }

 private:
  Strides<S::rank> strides_;
};

/// Elements that the expression owns with others: a tensor moved in, or the result of a named expression.
template <class T, class S> class Held {
 public:
  using dtype = T;
  using shape_type = S;
  using context = PlainContext;
  static constexpr bool dense = true;
  static constexpr int tag = -1;

  Held() = default;
  Held(memory::Storage storage, const S& shape) : storage_(std::move(storage)), shape_(shape) {}
  explicit operator bool() const { return static_cast<bool>(storage_); }
  const T* data() const { return static_cast<const T*>(storage_.bytes()); }
  const S& shape() const { return shape_; }
  Strides<S::rank> strides() const { return row_major(shape_); }
  TENON_ALWAYS_INLINE void check(std::string_view op, Loc at) const { memory::check(storage_.stamp(), op, at); }
  memory::Stamp stamp() const { return storage_.stamp(); }
  const memory::Storage& storage() const { return storage_; }

 private:
  memory::Storage storage_;
  [[no_unique_address]] S shape_{};
};

/// A C++ number: rank 0, of the dtype of the tensors it meets.
template <class T> class Literal {
 public:
  using dtype = T;
  using shape_type = Shape<>;
  using context = PlainContext;
  static constexpr bool dense = true;
  static constexpr int tag = -1;

  explicit Literal(T value) : value_(value) {}
  const T* data() const { return &value_; }
  Shape<> shape() const { return {}; }
  Strides<0> strides() const { return {}; }
  void check(std::string_view, Loc) const {}

 private:
  T value_;
};

template <class> inline constexpr bool is_literal_v = false;
template <class T> inline constexpr bool is_literal_v<Literal<T>> = true;

/// A matrix product or the like that is still to be made; tensor/product.hpp.
template <class L> inline constexpr bool is_product_v = requires { L::is_product; };

/// The operands of a node, each a leaf or again a Pack: the storage mirrors the graph, so that building an expression
/// moves its operands and concatenates nothing.
template <class... P> struct Pack;
template <> struct Pack<> {};
template <class P, class... Rest> struct Pack<P, Rest...> {
  P first;
  [[no_unique_address]] Pack<Rest...> rest;
};
template <class P> Pack(P) -> Pack<P>;

template <class> inline constexpr bool is_pack_v = false;
template <class... P> inline constexpr bool is_pack_v<Pack<P...>> = true;

/// Calls f(leaf) for each leaf, in the graph's reading order.
template <class P, class F> TENON_ALWAYS_INLINE void for_each_leaf(P& p, const F& f) {
  using Bare = std::remove_const_t<P>;
  if constexpr (!is_pack_v<Bare>) {
    f(p);
  } else if constexpr (!std::is_same_v<Bare, Pack<>>) {  // what has no further leaves is not asked: a function less
    if constexpr (is_pack_v<decltype(p.first)>) for_each_leaf(p.first, f);
    else f(p.first);
    if constexpr (!std::is_same_v<decltype(p.rest), Pack<>>) for_each_leaf(p.rest, f);
  }
}

/// The leaves' types in reading order.
template <class P> struct LeafList { using type = graph::list<P>; };
template <> struct LeafList<Pack<>> { using type = graph::list<>; };
template <class P, class... Rest> struct LeafList<Pack<P, Rest...>> {
  using type = typename graph::Concat<typename LeafList<P>::type, typename LeafList<Pack<Rest...>>::type>::type;
};

/// The context of an expression: the recording one as soon as one leaf has it.
template <class L> struct JoinContexts;
template <class... L> struct JoinContexts<graph::list<L...>> {
  template <class A, class B> static auto join(std::type_identity<A> a, std::type_identity<B> b) {
    if constexpr (std::is_same_v<A, PlainContext>) return b;
    else return a;
  }
  template <class A, class... Rest> static auto all(std::type_identity<A> a, Rest... rest) {
    if constexpr (sizeof...(Rest) == 0) return a;
    else return join(a, all(rest...));
  }
  using type = typename decltype(all(std::type_identity<typename L::context>{}...))::type;
};
template <class P> using context_t = typename JoinContexts<typename LeafList<P>::type>::type;

}  // namespace tenon::inline TENON_ABI
