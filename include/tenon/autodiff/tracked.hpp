// Leaves that a frame knows: values, parameters, and results of named expressions that read them.
#pragma once

#include "tenon/autodiff/tape.hpp"
#include "tenon/tensor/tensor.hpp"

namespace tenon::inline TENON_ABI {

/// Evaluates into the innermost frame's arena and, in a Step, records a node; autodiff/frame_context.hpp.
struct FrameContext;

/// A value of a frame, a parameter, or an argument of value_and_grad (those have a tag).
template <class T, class S, int Tag = -1> class Tracked {
 public:
  using dtype = T;
  using shape_type = S;
  using context = FrameContext;
  static constexpr bool dense = true, tracked = is_dual_v<T> || std::is_floating_point_v<T>;
  static constexpr int tag = Tag;

  Tracked() = default;
  /// Of a storage that may be written. A frame's values never are: nothing has to be read to know their version.
  Tracked(const T* data, const S& shape, memory::Stamp stamp, autodiff::Slot* slot, std::uint64_t version)
      : data_(data), stamp_(stamp), slot_(slot), version_(version), shape_(shape) {}
  Tracked(const T* data, const S& shape, memory::Stamp stamp, autodiff::Slot* slot)
      : Tracked(data, shape, stamp, slot, stamp.generation) {}
  Tracked(const Tracked& o) noexcept
      : data_(o.data_),
        stamp_{in_register(o.stamp_.cell), in_register(o.stamp_.generation)},
        slot_(in_register(o.slot_)),
        version_(in_register(o.version_)),
        shape_(o.shape_) {}
  Tracked& operator=(const Tracked&) = default;
  const T* data() const { return data_; }
  const S& shape() const { return shape_; }
  Strides<S::rank> strides() const { return row_major(shape_); }
  TENON_ALWAYS_INLINE void check(std::string_view op, Loc at) const { memory::check(stamp_, version_, op, at); }
  memory::Stamp stamp() const { return stamp_; }
  std::uint64_t version() const { return version_; }
  /// Null: a constant. Asked of the cell each time: a lazy expression may be older than the Step that learns its parameters.
  autodiff::Slot* slot() const { return stamp_.cell->traits.learns ? slot_ : nullptr; }
  /// The same of what is known to belong to a frame: the cell need not be asked.
  autodiff::Slot* slot_in_frame() const { return slot_; }
  /// The frame it belongs to, or that learns it; null for plain data.
  autodiff::TapeFrame* frame() const { return autodiff::frame_of(*stamp_.cell); }
  void detach() { slot_ = nullptr; }

 private:
  const T* data_ = nullptr;
  memory::Stamp stamp_;
  autodiff::Slot* slot_ = nullptr;
  std::uint64_t version_ = 0;
  [[no_unique_address]] S shape_{};
};

/// The result of an expression over tracked leaves: in a frame, or, when no frame is open, in counted storage.
template <class T, class S> class TrackedResult : public Tracked<T, S> {
 public:
  TrackedResult() = default;
  TrackedResult(const T* data, const S& shape, memory::Stamp stamp, autodiff::Slot* slot, bool reads_parameters = false)
      : Tracked<T, S>(data, shape, stamp, slot), undifferentiated_(reads_parameters) {}
  /// What a parameter or value is already, as the result of an expression.
  template <int Tag>
  explicit TrackedResult(const Tracked<T, S, Tag>& x)
      : Tracked<T, S>(x.data(), x.shape(), x.stamp(), x.slot(), x.version()), undifferentiated_(x.frame() == nullptr) {}
  TrackedResult(memory::Storage storage, const S& shape, bool reads_parameters)
      : Tracked<T, S>(static_cast<const T*>(storage.bytes()), shape, storage.stamp(), nullptr),
        storage_(std::move(storage)),
        undifferentiated_(reads_parameters) {}
  const memory::Storage& storage() const { return storage_; }
  /// Computed from parameters while no Step was there to record it.
  bool undifferentiated() const { return undifferentiated_; }
  void detach() {
    Tracked<T, S>::detach();
    undifferentiated_ = false;
  }

 private:
  memory::Storage storage_;
  bool undifferentiated_ = false;
};

}  // namespace tenon::inline TENON_ABI
