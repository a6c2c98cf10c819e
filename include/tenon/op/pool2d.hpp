// max_pool2d(x, window), avg_pool2d(x, window), adaptive_avg_pool2d(x, outputs)
#pragma once

#include "tenon/kernel/pool.hpp"
#include "tenon/op/pair.hpp"
#include "tenon/simd/parallel.hpp"
#include "tenon/tensor/commute.hpp"
#include "tenon/tensor/structured.hpp"

namespace tenon::inline TENON_ABI {

struct Pool2dOptions {
  Pair stride = 0;   ///< 0: that of the window, so that windows do not overlap
  Pair padding = 0;  ///< at each side; at most half of the window
};

namespace detail {

/// What the pools share: windows, shapes, planes.
struct Pool2d {
  std::array<Index, 2> size, stride, padding;  ///< size 0: `outputs` windows, evenly
  std::array<Index, 2> outputs{};

  template <class X> kernel::PoolWindows windows(const X& x, std::size_t d) const {
    const Index n = x.extent[2 + d];
    if (size[d] == 0) return {n, outputs[d]};
    return {n, (n + 2 * padding[d] - size[d]) / stride[d] + 1, size[d], stride[d], padding[d]};
  }
  /// f(plane of x, first output, first element of a row-major plane like x's) for each plane, on several threads.
  template <class X, class F> void for_each_plane(const X& x, Index plane_outputs, F f) const {
    using T = std::remove_reference_t<decltype(*x.data)>;
    const Index channels = x.extent[1], plane = x.extent[2] * x.extent[3];
    simd::parallel_for(x.extent[0] * channels, 65536 / (plane + 1) + 1, [&](Index first, Index last) {
      for (Index k = first; k < last; ++k)
        f(Matrix<T>{x.data + k / channels * x.stride[0] + k % channels * x.stride[1],
                    {x.extent[2], x.extent[3]},
                    {x.stride[2], x.stride[3]}},
          k * plane_outputs, k * plane);
    });
  }
  /// f(first output, plane of dx, whether to add to it) for each of its planes.
  template <class DX, class F> void for_each_gradient(const DX& dx, Index plane_outputs, F f) const {
    for_each_plane(dx, plane_outputs, [&](const auto&, Index output, Index element) {
      f(output, dx.data + element, dx.mode == Write::add);
    });
  }
};

[[noreturn]] TENON_COLD inline void refuse_pool(std::string_view op, const std::string& x, const std::string& what,
                                                Loc at) {
  throw ShapeError(at, "tenon::" + std::string(op) + ": x of shape " + x + ": " + what,
                   "give a window, a stride and padding that fit the rows and columns of x");
}
template <class S> auto pooled_shape(std::string_view op, const Pool2d& o, const S& x, Loc at) {
  static_assert(S::rank == 4,
                "tenon: pooling wants x (images, channels, rows, columns); unsqueeze(x, axis<0>) adds one");
  std::array<Index, 4> y{x[0], x[1]};
  for (std::size_t d = 0; d < 2; ++d) {
    const Index n = x[2 + static_cast<int>(d)], size = o.size[d], padding = o.padding[d];
    if (size == 0) {
      if (o.outputs[d] < 1 || n < 1)
        refuse_pool("adaptive_avg_pool2d", to_string(x),
                    std::to_string(o.outputs[d]) + " windows do not cover " + std::to_string(n), at);
      y[2 + d] = o.outputs[d];
      continue;
    }
    if (size < 1 || o.stride[d] < 1 || padding < 0 || 2 * padding > size || n + 2 * padding < size || n < 1)
      refuse_pool(op, to_string(x),
                  "a window of " + std::to_string(size) + " with stride " + std::to_string(o.stride[d]) +
                      " and padding " + std::to_string(padding) + " does not slide over " + std::to_string(n),
                  at);
    y[2 + d] = (n + 2 * padding - size) / o.stride[d] + 1;
  }
  return Shape<S::pattern[0], S::pattern[1], dyn, dyn>(y, at);
}
template <class X> constexpr void require_floating() {
  static_assert(std::is_floating_point_v<primal_t<dtype_of_t<X>>>,
                "tenon: pooling wants float or double; write cast<float>(x)");
}
/// A stride of 0 is the window's; a window of 0 stays one, and is refused.
inline Pool2d pool_of(const Pair& window, const Pool2dOptions& o) {
  Pool2d p{window.of, o.stride.of, o.padding.of};
  for (std::size_t d = 0; d < 2; ++d) {
    if (p.stride[d] == 0) p.stride[d] = p.size[d];
    if (p.size[d] == 0) p.size[d] = -1;
  }
  return p;
}

}  // namespace detail

/// y = the largest element of each window: max_pool2d(x, 2), max_pool2d(x, {3, 2}, {.stride = 2, .padding = 1}).
/// Shapes:     x (n, c, h, w) -> y (n, c, p, q), p = (h + 2 padding - window) / stride + 1, rounded down; p and q are
///             run-time extents
/// Derivative: dx is dy at the element that was taken: the first of equal ones (of a temporary relu(z + b), the largest z
///             of those that b's rounding makes equal); overlapping windows add
/// Edge:       what lies outside the image is never taken; NaN passes through, as PyTorch
/// Fuses:      a temporary relu(z), z + b or relu(z + b) with b of one element a plane is made after the choice, of the
///             elements taken: the same values, unless b and z are infinities of opposite sign
/// Saves:      four bytes an element of y
/// Throws:     ShapeError when a window does not fit, for padding above half of it and sizes below 1; other dtypes than
///             float and double do not compile
struct MaxPool2d : detail::Pool2d {
  static constexpr std::string_view name = "max_pool2d";

  template <class S> auto shape(Loc at, const S& x) const { return detail::pooled_shape(name, *this, x, at); }
  template <class X> Index saved_bytes(X x) const {
    return x.extent[0] * x.extent[1] * windows(x, 0).outputs * windows(x, 1).outputs *
           static_cast<Index>(sizeof(std::int32_t));
  }
  template <class Y, class X> void forward(std::byte* saved, Y y, X x) const {
    const auto rows = windows(x, 0), columns = windows(x, 1);
    auto* at = reinterpret_cast<std::int32_t*>(saved);
    for_each_plane(x, y.extent[2] * y.extent[3], [&](const auto& plane, Index output, Index) {
      kernel::max_pool(rows, columns, plane, y.data + output, at + output);
    });
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte* saved, Y, DY dy, X x, DX dx) const {
    const auto rows = windows(x, 0), columns = windows(x, 1);
    const auto* at = reinterpret_cast<const std::int32_t*>(saved);
    if (dx)
      for_each_gradient(dx, dy.extent[2] * dy.extent[3], [&](Index output, auto* to, bool add) {
        kernel::max_pool_backward(rows, columns, dy.data + output, at + output, to, add);
      });
  }
};

/// max_pool2d of a lazy product (conv2d) whose elements nobody else reads: they never lie in memory, nor do their
/// gradients, but for some images at a time. Op states by_images, forward_images and backward_images; op/conv2d.hpp.
/// Few images go as a whole, so that no thread is idle; the bits are the same.
template <class Op> struct PooledProduct {
  static constexpr std::string_view name = "max_pool2d";
  Op product;
  MaxPool2d pool;
  std::array<Index, 4> z;  ///< extents of the product

  template <class SX, class SW> auto shape(Loc at, const SX&, const SW&) const {
    return detail::pooled_shape(name, pool, Shape<SX::pattern[0], SW::pattern[0], dyn, dyn>(z, at), at);
  }
  template <class X, class W> Index saved_bytes(X, W) const { return pool.saved_bytes(elements<const float>(nullptr)); }
  template <class Y, class X, class W> void forward(std::byte* saved, Y y, X x, W w) const {
    using T = std::remove_reference_t<decltype(*y.data)>;
    ++memory::thread_counters.products;
    if (few_images()) {
      const memory::Scratch whole(bytes<T>());
      const auto image = elements(reinterpret_cast<T*>(whole.bytes()));
      product.forward(x, w, image, [](Index, Index, Index, Index) {});
      return pool.forward(saved, y, Span<const T, 4>(image));
    }
    const auto rows = pool.windows(elements<T>(nullptr), 0), columns = pool.windows(elements<T>(nullptr), 1);
    auto* at = reinterpret_cast<std::int32_t*>(saved);
    const Index outputs = y.extent[2] * y.extent[3], plane = z[2] * z[3];
    product.template forward_images<T>(x, w, z, [=, this](Index first, Index n, const T* from) {
      for (Index k = 0, to = first * z[1] * outputs; k < n * z[1]; ++k, to += outputs)
        kernel::max_pool(rows, columns, matrix(from + k * plane, z[2], z[3]), y.data + to, at + to);
    });
  }
  template <class Y, class DY, class X, class W, class DX, class DW>
  void backward(const std::byte* saved, Y y, DY dy, X x, W w, DX dx, DW dw) const {
    using T = std::remove_const_t<std::remove_reference_t<decltype(*dy.data)>>;
    // Where both gradients read it, a small one is made once for the two.
    if (few_images() || (dx && dw && bytes<T>() <= (Index{1} << 20))) {
      const memory::Scratch whole(bytes<T>());
      const Gradient<T, 4> dz{elements(reinterpret_cast<T*>(whole.bytes())), Write::store};
      pool.backward(saved, y, dy, Span<const T, 4>(dz), dz);
      return product.backward(x, w, Span<const T, 4>(dz), dx, dw);
    }
    const auto rows = pool.windows(elements<T>(nullptr), 0), columns = pool.windows(elements<T>(nullptr), 1);
    const auto* at = reinterpret_cast<const std::int32_t*>(saved);
    const Index outputs = dy.extent[2] * dy.extent[3], plane = z[2] * z[3];
    const auto source = [=, this](Index image, Index first, Index n, T* to) {
      for (Index k = 0, from = (image * z[1] + first) * outputs; k < n; ++k, from += outputs)
        kernel::max_pool_backward(rows, columns, dy.data + from, at + from, to + k * plane, false);
    };
    product.template backward_images<T>(x, w, z, source, dx, dw);
  }

 private:
  bool few_images() const { return simd::thread_count() > 1 && z[0] < 2 * Index{simd::thread_count()}; }
  template <class T> Span<T, 4> elements(T* data) const {
    return {data, z, {z[1] * z[2] * z[3], z[2] * z[3], z[3], 1}};
  }
  template <class T> Index bytes() const { return z[0] * z[1] * z[2] * z[3] * static_cast<Index>(sizeof(T)); }
};
namespace detail {
template <class X> inline constexpr bool is_lazy_product = false;
template <class T, class S, class P> inline constexpr bool is_lazy_product<Expr<T, S, leaf, P>> = is_product_v<P>;
/// x pooled: a product and its pool as one when x is a lazy one that allows it.
template <class T, class S, class P> auto pooled(const MaxPool2d& op, Loc at, Expr<T, S, leaf, P> x) {
  if constexpr (std::is_floating_point_v<T> && requires { requires P::op_type::by_images; }) {
    auto p = std::move(x).fuse(at);
    const auto as_leaf = [](auto l) {
      using L = decltype(l);
      const auto s = l.shape();
      return Expr<T, typename L::shape_type, leaf, L>(std::move(l), s);
    };
    return structured(PooledProduct<typename P::op_type>{p.rule, op, p.shape().extents()}, at, as_leaf(std::move(p.a)),
                      as_leaf(std::move(p.b)));
  } else {
    return structured(op, at, std::move(x));
  }
}
}  // namespace detail

/// y = the mean of each window: avg_pool2d(x, 2).
/// Shapes:     as max_pool2d
/// Derivative: dx is dy / (elements of a window) over each window
/// Edge:       zeros around the image count as elements, PyTorch's count_include_pad
/// Throws:     as max_pool2d
struct AvgPool2d : detail::Pool2d {
  static constexpr std::string_view name = "avg_pool2d";

  template <class S> auto shape(Loc at, const S& x) const { return detail::pooled_shape(name, *this, x, at); }
  template <class Y, class X> void forward(std::byte*, Y y, X x) const {
    const auto rows = windows(x, 0), columns = windows(x, 1);
    for_each_plane(x, y.extent[2] * y.extent[3], [&](const auto& plane, Index output, Index) {
      kernel::mean_pool(rows, columns, plane, y.data + output);
    });
  }
  template <class Y, class DY, class X, class DX> void backward(const std::byte*, Y, DY dy, X x, DX dx) const {
    const auto rows = windows(x, 0), columns = windows(x, 1);
    if (dx)
      for_each_gradient(dx, dy.extent[2] * dy.extent[3], [&](Index output, auto* to, bool add) {
        kernel::mean_pool_backward(rows, columns, dy.data + output, to, add);
      });
  }
};

template <tensor_like X>
auto max_pool2d(X&& x, Pair window, const Pool2dOptions& options = {}, Loc at = Loc::current()) {
  detail::require_floating<X>();
  const MaxPool2d op{detail::pool_of(window, options)};
  if constexpr (commute::behind_choice<X>)
    return commute::past(std::move(x), op.shape(at, x.shape()), at,
                         [&](auto image) { return detail::pooled(op, at, std::move(image)); });
  else if constexpr (detail::is_lazy_product<X>) return detail::pooled(op, at, std::move(x));
  else return structured(op, at, std::forward<X>(x));
}
template <tensor_like X>
auto avg_pool2d(X&& x, Pair window, const Pool2dOptions& options = {}, Loc at = Loc::current()) {
  detail::require_floating<X>();
  return structured(AvgPool2d{detail::pool_of(window, options)}, at, std::forward<X>(x));
}
/// The mean of windows chosen so that there are `outputs` of them: adaptive_avg_pool2d(x, 1) is the mean of each plane.
/// Window p covers rows floor(p h / outputs) to ceil((p + 1) h / outputs), as PyTorch.
template <tensor_like X> auto adaptive_avg_pool2d(X&& x, Pair outputs, Loc at = Loc::current()) {
  detail::require_floating<X>();
  return structured(AvgPool2d{{{0, 0}, {1, 1}, {0, 0}, outputs.of}}, at, std::forward<X>(x));
}

}  // namespace tenon::inline TENON_ABI
