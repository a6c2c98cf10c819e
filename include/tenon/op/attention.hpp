// attention(q, k, v, options), attention(q, k, v, mask, options), self_attention(qkv, options)
#pragma once

#include "tenon/kernel/attention_backward.hpp"
#include "tenon/memory/scratch.hpp"
#include "tenon/op/exp.hpp"  // of duals, and log: the kernels find them by argument
#include "tenon/op/log.hpp"
#include "tenon/simd/parallel.hpp"
#include "tenon/tensor/structured.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

struct AttentionOptions {
  bool causal = false;  ///< query i sees keys 0 .. i + keys - queries: the last query sees every key
  double scale = 0;     ///< of the scores; 0 means 1 / sqrt(dim)
};
struct SelfAttentionOptions {
  Index heads = 1;
  Index kv_heads = 0;  ///< heads of keys and values, a divisor of heads; 0: as many as heads
  bool causal = false;
  double scale = 0;  ///< of the scores; 0 means 1 / sqrt(dim)
};

namespace detail {

/// Calls run(first unit, last unit, scratch) for parts of [0, units), a thread each, when there is enough to do: 4
/// million operations a thread. Units are computed apart, so results do not depend on the parts.
template <class Run> void attention_in_parts(Index units, Index unit_operations, Index scratch_bytes, Run run) {
  const Index enough = units * unit_operations / (Index{1} << 22) + 1, threads = enough > 1 ? simd::thread_count() : 1;
  const Index wanted = threads < enough ? threads : enough, parts = wanted < units ? wanted : units;
  if (parts == 0) return;
  const memory::Scratch scratch(scratch_bytes * parts);  // taken here: a thread of the team must not throw
  simd::parallel_for(parts, 1, [&](Index first, Index last) {
    for (Index part = first; part < last; ++part)
      run(units * part / parts, units * (part + 1) / parts, scratch.bytes() + part * scratch_bytes);
  });
}

/// The rows of a gradient, all zero where nothing was stored yet: attention adds.
template <class T, int R> void clear_if_empty(const Gradient<T, R>& g) {
  if (!g || g.mode == Write::add) return;
  for (Index i = 0, n = g.size(); i < n; ++i) g.data[i] = T(0);
}

template <class T> void attention_forward(const kernel::Attention<T>& a, Span<T, 4> y, std::byte* saved) {
  attention_in_parts(a.units(), a.unit_operations(), kernel::attention_scratch_bytes(a),
                     [&](Index first, Index last, std::byte* scratch) {
                       kernel::attention(a, y, reinterpret_cast<T*>(saved), first, last, scratch);
                     });
}
template <class T>
void attention_backward(const kernel::Attention<T>& a, Span<const T, 4> y, Span<const T, 4> dy, const std::byte* saved,
                        const kernel::AttentionGradients<T>& d) {
  attention_in_parts(a.units(), 2 * a.unit_operations(), kernel::attention_backward_scratch_bytes(a),
                     [&](Index first, Index last, std::byte* scratch) {
                       kernel::attention_backward<T>(a, y, dy, reinterpret_cast<const T*>(saved), d, first, last,
                                                     scratch);
                     });
}

inline double attention_scale(double scale, Index dim) {
  return scale != 0 ? scale : dim > 0 ? 1 / std::sqrt(static_cast<double>(dim)) : 1;
}

/// A mask of rank 4 or less beside scores (batch, heads, queries, keys).
template <class T, class M> kernel::ScoreMask<T> score_mask(const M& m) {
  kernel::ScoreMask<T> mask;
  if constexpr (std::is_same_v<std::remove_cvref_t<decltype(*m.data)>, bool>) mask.allow = m.data;
  else mask.add = m.data;
  constexpr std::size_t rank = static_cast<std::size_t>(rank_of<M>);
  for (std::size_t d = 0; d < rank; ++d) mask.stride[4 - rank + d] = m.extent[d] == 1 ? 0 : m.stride[d];
  return mask;
}

}  // namespace detail

/// y = softmax(scale q k^T + mask) v for each head, softmax over keys.
/// Shapes:     q (batch, heads, queries, dim), k (batch, kv_heads, keys, dim), v (batch, kv_heads, keys, value_dim)
///             -> (batch, heads, queries, value_dim). kv_heads divides heads: query head h reads head
///             h / (heads / kv_heads). mask: broadcasts to (batch, heads, queries, keys), of bool (true: is seen) or of
///             the dtype of q (added to the scores)
/// Derivative: with p the weights: dv = p^T dy, ds = p (dy v^T - sum(dy y)), dq = scale ds k, dk = scale ds^T q; none for
///             the mask
/// Accuracy:   |error| <= (dim + keys) eps max|v| for scores of size 1
/// Saves:      the logsumexp of each row; backward makes scores again, tile by tile: no array of queries x keys exists
/// Cost:       tiles of 48 x 128 scores that a causal mask hides are skipped; views of any strides are read in place
/// Edge:       a query that sees no key gives 0
/// Throws:     ShapeError when extents do not fit; OwnershipError for a mask that is recorded; two dtypes and 16-bit
///             ones do not compile
/// Source:     Vaswani et al., Attention is all you need, NeurIPS 2017; Dao, FlashAttention-2, ICLR 2024
struct ScaledDotAttention {
  static constexpr std::string_view name = "attention";
  bool causal;
  double scale;

  template <class Q, class K, class V, class... M>
  auto shape(Loc at, const Q& q, const K&, const V& v, const M&...) const {
    using R = Shape<Q::pattern[0], Q::pattern[1], Q::pattern[2], V::pattern[3]>;
    return R(typename R::Extents{q[0], q[1], q[2], v[3]}, at);
  }
  template <class Q, class... Rest> Index saved_bytes(Q q, Rest...) const {
    return q.extent[0] * q.extent[1] * q.extent[2] * static_cast<Index>(sizeof(*q.data));
  }
  template <class Y, class Q, class K, class V, class... M>
  void forward(std::byte* saved, Y y, Q q, K k, V v, M... mask) const {
    detail::attention_forward(problem(q, k, v, mask...), y, saved);
  }
  template <class Y, class Q, class K, class V, class DQ, class DK, class DV>
  void backward(const std::byte* saved, Y y, Y dy, Q q, K k, V v, DQ dq, DK dk, DV dv) const {
    clear_and_add(problem(q, k, v), y, dy, saved, dq, dk, dv);
  }
  template <class Y, class Q, class K, class V, class M, class DQ, class DK, class DV, class DM>
  void backward(const std::byte* saved, Y y, Y dy, Q q, K k, V v, M mask, DQ dq, DK dk, DV dv, DM) const {
    clear_and_add(problem(q, k, v, mask), y, dy, saved, dq, dk, dv);
  }

 private:
  template <class Q, class K, class V, class... M> auto problem(Q q, K k, V v, M... mask) const {
    using T = std::remove_cvref_t<decltype(*q.data)>;
    using Real = primal_t<T>;
    kernel::Attention<T> a{q, k, v, static_cast<Real>(detail::attention_scale(scale, q.extent[3])), causal};
    ((a.mask = detail::score_mask<T>(mask)), ...);
    return a;
  }
  template <class T>
  static void clear_and_add(const kernel::Attention<T>& a, Span<const T, 4> y, Span<const T, 4> dy,
                            const std::byte* saved, const Gradient<T, 4>& dq, const Gradient<T, 4>& dk,
                            const Gradient<T, 4>& dv) {
    if (!dq && !dk && !dv) return;
    detail::clear_if_empty(dq), detail::clear_if_empty(dk), detail::clear_if_empty(dv);
    detail::attention_backward<T>(a, y, dy, saved, {dq, dk, dv});
  }
};

/// Attention of a sequence to itself, its queries, keys and values side by side as one projection makes them.
/// Shapes:     qkv (batch, time, (heads + 2 kv_heads) dim): the query heads, the key heads, the value heads
///             -> (batch, time, heads dim)
/// Everything else: as attention; nothing is copied, in either direction
struct PackedAttention {
  static constexpr std::string_view name = "self_attention";
  SelfAttentionOptions options;  // kv_heads is not 0

  template <class S> auto shape(Loc at, const S& x) const {
    using R = Shape<S::pattern[0], S::pattern[1], dyn>;
    return R(typename R::Extents{x[0], x[1], dim(x[2]) * options.heads}, at);
  }
  template <class X> Index saved_bytes(X x) const {
    return x.extent[0] * options.heads * x.extent[1] * static_cast<Index>(sizeof(*x.data));
  }
  template <class Y, class X> void forward(std::byte* saved, Y y, X x) const {
    detail::attention_forward(problem(x), heads_of(y, 0, options.heads, dim(x.extent[2])), saved);
  }
  template <class Y, class X, class DX> void backward(const std::byte* saved, Y y, Y dy, X x, DX dx) const {
    using T = std::remove_cvref_t<decltype(*dx.data)>;
    if (!dx) return;
    const Index d = dim(x.extent[2]);
    detail::attention_backward<T>(problem(x), heads_of(y, 0, options.heads, d), heads_of(dy, 0, options.heads, d),
                                  saved, {queries(dx), keys(dx), values(dx), dx.mode == Write::store});
  }

 private:
  Index dim(Index columns) const { return columns / (options.heads + 2 * options.kv_heads); }
  /// Heads first .. first + n as (batch, heads, time, dim).
  template <class T> static Span<T, 4> heads_of(const Span<T, 3>& x, Index first, Index n, Index dim) {
    return {x.data + first * dim * x.stride[2],
            {x.extent[0], n, x.extent[1], dim},
            {x.stride[0], dim * x.stride[2], x.stride[1], x.stride[2]}};
  }
  template <class T> Span<T, 4> queries(const Span<T, 3>& x) const {
    return heads_of(x, 0, options.heads, dim(x.extent[2]));
  }
  template <class T> Span<T, 4> keys(const Span<T, 3>& x) const {
    return heads_of(x, options.heads, options.kv_heads, dim(x.extent[2]));
  }
  template <class T> Span<T, 4> values(const Span<T, 3>& x) const {
    return heads_of(x, options.heads + options.kv_heads, options.kv_heads, dim(x.extent[2]));
  }
  template <class T> auto problem(const Span<const T, 3>& x) const {
    const double scale = detail::attention_scale(options.scale, dim(x.extent[2]));
    return kernel::Attention<T>{queries(x), keys(x), values(x), static_cast<primal_t<T>>(scale), options.causal};
  }
};

namespace detail {

TENON_COLD inline void attention_clash(const std::string& q, const std::string& k, const std::string& v, Loc at) {
  throw ShapeError(at,
                   "tenon::attention: q " + q + ", k " + k + ", v " + v +
                       ": q is (batch, heads, queries, dim), k (batch, kv_heads, keys, dim), v (batch, kv_heads, "
                       "keys, value_dim), and kv_heads divides heads",
                   "reshape and permute the projections, or use self_attention(qkv)");
}
template <class Q, class K, class V> void check_attention(const Q& q, const K& k, const V& v, Loc at) {
  static_assert(Q::rank == 4 && K::rank == 4 && V::rank == 4,
                "tenon::attention: q, k and v are (batch, heads, time, dim); of one projection: self_attention(qkv)");
  constexpr bool dims_fit = may_equal(Q::pattern[3], K::pattern[3]), keys_fit = may_equal(K::pattern[2], V::pattern[2]);
  if constexpr (!dims_fit) (void)sizeof(shapes_do_not_match<Q, K>);
  if constexpr (!keys_fit) (void)sizeof(shapes_do_not_match<K, V>);
  static_assert(dims_fit, "tenon::attention: q and k differ in dim; see shapes_do_not_match<...> above");
  static_assert(keys_fit, "tenon::attention: k and v differ in keys; see shapes_do_not_match<...> above");
  const bool divides = k[1] == 0 ? q[1] == 0 : q[1] % k[1] == 0;
  if (q[0] != k[0] || q[0] != v[0] || k[1] != v[1] || k[2] != v[2] || q[3] != k[3] || !divides) [[unlikely]]
    attention_clash(to_string(q), to_string(k), to_string(v), at);
}
template <class Q, class K, class M> void check_score_mask(const Q& q, const K& k, const M& mask, Loc at) {
  static_assert(M::rank <= 4, "tenon::attention: the mask broadcasts to (batch, heads, queries, keys)");
  const Index scores[4] = {q[0], q[1], q[2], k[2]};
  for (int d = 0; d < M::rank; ++d)
    if (mask[d] != 1 && mask[d] != scores[4 - M::rank + d]) [[unlikely]]
      throw ShapeError(at,
                       "tenon::attention: the mask " + to_string(mask) + " does not broadcast to " +
                           to_string(scores, 4) + " = (batch, heads, queries, keys)",
                       "give extents that are equal or 1");
}
template <class L> void refuse_recorded_mask(const L& leaf, Loc at) {
  if constexpr (evaluation::is_active<L>())
    if (L::context::is_recorded(leaf)) [[unlikely]]
      throw OwnershipError(at, "tenon::attention: the mask is recorded, but no gradient flows to a mask",
                           "write stop_gradient(mask)");
}
template <class Q, class K, class V> consteval void check_attention_dtypes() {
  using T = common_dtype_t<dtype_of_t<Q>, dtype_of_t<K>, dtype_of_t<V>>;
  static_assert(std::is_floating_point_v<primal_t<T>>,
                "tenon::attention: q, k and v are of float or double, the same for all; write cast<float>(x)");
}

}  // namespace detail

template <tensor_like Q, tensor_like K, tensor_like V>
auto attention(Q&& q, K&& k, V&& v, AttentionOptions options = {}, Loc at = Loc::current()) {
  detail::check_attention_dtypes<Q, K, V>();
  using T = common_dtype_t<dtype_of_t<Q>, dtype_of_t<K>, dtype_of_t<V>>;
  detail::check_attention(q.shape(), k.shape(), v.shape(), at);
  return structured(ScaledDotAttention{options.causal, options.scale}, at, lift_operand<T>(std::forward<Q>(q)),
                    lift_operand<T>(std::forward<K>(k)), lift_operand<T>(std::forward<V>(v)));
}
template <tensor_like Q, tensor_like K, tensor_like V, tensor_like M>
auto attention(Q&& q, K&& k, V&& v, M&& mask, AttentionOptions options = {}, Loc at = Loc::current()) {
  detail::check_attention_dtypes<Q, K, V>();
  using T = common_dtype_t<dtype_of_t<Q>, dtype_of_t<K>, dtype_of_t<V>>;
  static_assert(std::is_same_v<dtype_of_t<M>, bool> || std::is_same_v<dtype_of_t<M>, primal_t<T>>,
                "tenon::attention: the mask is of bool, or of the dtype of q and no dual");
  detail::check_attention(q.shape(), k.shape(), v.shape(), at);
  detail::check_score_mask(q.shape(), k.shape(), mask.shape(), at);
  const auto known = eval(std::forward<M>(mask), at);
  detail::refuse_recorded_mask(known.evaluated(at), at);
  return structured(ScaledDotAttention{options.causal, options.scale}, at, lift_operand<T>(std::forward<Q>(q)),
                    lift_operand<T>(std::forward<K>(k)), lift_operand<T>(std::forward<V>(v)), known);
}
template <tensor_like X> auto self_attention(X&& qkv, SelfAttentionOptions options, Loc at = Loc::current()) {
  static_assert(shape_of_t<X>::rank == 3, "tenon::self_attention: qkv is (batch, time, (heads + 2 kv_heads) dim)");
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>>,
                "tenon::self_attention: qkv is of float or double; write cast<float>(x)");
  if (options.kv_heads == 0) options.kv_heads = options.heads;
  if (options.heads < 1 || options.kv_heads < 1 || options.heads % options.kv_heads != 0) [[unlikely]]
    throw ValueError(at,
                     "tenon::self_attention: heads is " + std::to_string(options.heads) + " and kv_heads " +
                         std::to_string(options.kv_heads) + ", which does not divide it",
                     "give kv_heads that divides heads, or leave it out");
  if (qkv.shape()[2] % (options.heads + 2 * options.kv_heads) != 0) [[unlikely]]
    throw ShapeError(at,
                     "tenon::self_attention: the rows of qkv " + to_string(qkv.shape()) + " are no " +
                         std::to_string(options.heads + 2 * options.kv_heads) + " heads of equal length",
                     "each row holds heads of queries, then kv_heads of keys, then of values");
  return structured(PackedAttention{options}, at, std::forward<X>(qkv));
}

}  // namespace tenon::inline TENON_ABI
