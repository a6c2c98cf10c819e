// Storage on its way to becoming a Tensor.
#pragma once

#include "tenon/tensor/view.hpp"

namespace tenon::inline TENON_ABI {

/// Fresh storage that may be written but not read until it is a Tensor; for code that fills every element itself.
template <class T, Index... E> class Uninit {
 public:
  /// Throws ShapeError when the size overflows, std::bad_alloc.
  explicit Uninit(const Shape<E...>& shape, Loc at = Loc::current())
      : shape_(shape), storage_(checked_size(shape.extents(), sizeof(T), at) * static_cast<Index>(sizeof(T)), at) {}
  Uninit(Uninit&&) noexcept = default;
  T* data() { return static_cast<T*>(storage_.bytes()); }
  const Shape<E...>& shape() const { return shape_; }
  Index size() const { return shape_.size(); }
  /// f(i) for each element in row-major order; then it is a Tensor.
  template <class F> Tensor<T, E...> init_with(F f) && {
    T* p = data();
    for (Index i = 0, n = size(); i < n; ++i) p[i] = f(i);
    return std::move(*this).assume_init();
  }
  /// Pre: every element has been written.
  Tensor<T, E...> assume_init() && { return Tensor<T, E...>(std::move(storage_), shape_); }

 private:
  [[no_unique_address]] Shape<E...> shape_;
  memory::Storage storage_;
};

}  // namespace tenon::inline TENON_ABI
